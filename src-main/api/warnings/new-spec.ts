import type { KubernetesObject } from '../meta/object.ts'

/** Warnings of new objects, and of updates that raise the generation: one of the status says nothing new of the rest. */
export const ofNewSpec =
  <T extends KubernetesObject>(warn: (object: T) => string[]) =>
  (object: T, previous: T | undefined): string[] =>
    previous !== undefined && previous.metadata?.generation === object.metadata?.generation ? [] : warn(object)

/** Warnings of new objects alone: programs update these all the time, and nobody would see it. */
export const ofNewObject =
  <T extends KubernetesObject>(warn: (object: T) => string[]) =>
  (object: T, previous: T | undefined): string[] =>
    previous === undefined ? warn(object) : []

import type { Pod, PodCondition, PodTemplateSpec } from '../types/core-v1.ts'
import { findCondition, isConditionTrue } from './conditions.ts'

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'

/** On what shows a pod that a kubelet runs by itself. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror'

const phases = new Set<string>(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'])

/** The pod's phase; a pod without one is pending. */
export function podPhase(pod: Pod): PodPhase {
  const phase = pod.status?.phase ?? ''
  return phases.has(phase) ? (phase as PodPhase) : 'Pending'
}

export const podCondition = (pod: Pod, type: string): PodCondition | undefined =>
  findCondition(pod.status?.conditions, type)

export const isPodReady = (pod: Pod): boolean => isConditionTrue(pod.status?.conditions, 'Ready')

/** The pod has run to its end and never runs again. */
export const isTerminated = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

/** Deletion was asked for; it still stands until its grace period and its finalizers end. */
export const isTerminating = (pod: Pod): boolean => pod.metadata?.deletionTimestamp !== undefined

/** Neither at its end nor on its way there: what a controller counts as its own. */
export const isPodActive = (pod: Pod): boolean => !isTerminated(pod) && !isTerminating(pod)

/** Ready, and for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowUnixMs: number): boolean {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return false
  if (minReadySeconds === 0) return true
  const since = ready.lastTransitionTime
  return since !== undefined && Date.parse(since) + minReadySeconds * 1000 <= nowUnixMs
}

/** Letters and digits that cannot spell a word: no vowels, and none that look like another. */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** A text in the alphabet of generated names; the same text always gives the same. */
export function safeEncode(text: string): string {
  return [...text].map((letter) => safeAlphabet[(letter.codePointAt(0) ?? 0) % safeAlphabet.length]).join('')
}

/**
 * A short hash of a pod template: the same for equal templates, in whatever order their keys stand.
 * `collisionCount` gives another one, for when a different template already has the first.
 */
export function podTemplateHash(template: PodTemplateSpec, collisionCount?: number): string {
  const text = stableText(template) + (collisionCount === undefined ? '' : `#${collisionCount}`)
  return safeEncode(String(fnv1a(text)))
}

/** JSON with sorted keys and without absent values. */
export function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${stableText(one)}`).join(',')}}`
}

/** 32-bit FNV-1a over UTF-8. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

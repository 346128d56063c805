import type { KubernetesObject } from '../meta/object.ts'

/** A new object of a kind whose wishes are counted is at its first generation; the server raises it from there. */
export function startGeneration(draft: KubernetesObject): void {
  draft.metadata = { ...draft.metadata, generation: 1 }
}

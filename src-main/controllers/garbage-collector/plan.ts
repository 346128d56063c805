/** What to do with one object, given what is known of its owners and dependents. */
import type { OwnerReference } from '../../api/types/meta-v1.ts'
import type { GraphNode } from './graph.ts'

export type OwnerState =
  /** There, and staying as far as its dependents are concerned. */
  | 'solid'
  /** Gone. */
  | 'absent'
  /** There, but only until its dependents are gone. */
  | 'waiting'
  /** Of a kind that nobody serves: it cannot be told. */
  | 'unknown'

export interface OwnerFact {
  readonly reference: OwnerReference
  readonly state: OwnerState
}

export type CollectPlan =
  | { readonly action: 'keep' }
  /** Some owner may come back into view: look again later. */
  | { readonly action: 'waitForOwners' }
  /** Others still own it: only the references that lead nowhere go. */
  | { readonly action: 'dropOwners'; readonly uids: readonly string[] }
  | {
      readonly action: 'delete'
      readonly propagation: 'Foreground' | 'Background' | 'Orphan' | undefined
      /** The object's own dependents wait for it as it waits for them: it must stop to block its owners. */
      readonly unblockOwners: boolean
    }

export interface CollectInput {
  readonly owners: readonly OwnerFact[]
  readonly finalizers: readonly string[]
  readonly dependents: readonly Pick<GraphNode, 'waitsForDependents'>[]
}

/** For an object that has owners and is not being deleted yet. */
export function planCollect({ owners, finalizers, dependents }: CollectInput): CollectPlan {
  // Nothing is done about the others before something is known of all, as Kubernetes has it.
  if (owners.some(({ state }) => state === 'unknown')) return { action: 'waitForOwners' }
  const of = (...states: OwnerState[]): OwnerFact[] => owners.filter(({ state }) => states.includes(state))
  const leaving = of('absent', 'waiting')
  if (leaving.length === 0) return { action: 'keep' }
  if (of('solid').length > 0) return { action: 'dropOwners', uids: leaving.map(({ reference }) => reference.uid) }
  if (of('waiting').length > 0 && dependents.length > 0) {
    const unblockOwners = dependents.some(({ waitsForDependents }) => waitsForDependents)
    return { action: 'delete', propagation: 'Foreground', unblockOwners }
  }
  const propagation = finalizers.includes('orphan')
    ? 'Orphan'
    : finalizers.includes('foregroundDeletion')
      ? 'Foreground'
      : 'Background'
  return { action: 'delete', propagation, unblockOwners: false }
}

/** The dependents that keep an owner from going in the foreground. */
export function blockingDependents(ownerUid: string, dependents: readonly GraphNode[]): GraphNode[] {
  return dependents.filter(({ owners }) =>
    owners.some(({ uid, blockOwnerDeletion }) => uid === ownerUid && blockOwnerDeletion === true),
  )
}

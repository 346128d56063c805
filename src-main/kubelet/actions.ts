/** What a plan is made from, and what it may say. */
import type { Pod } from '../api/types/core-v1.ts'
import type { ContainerEntry, PodContainers } from './pod-containers.ts'
import type { Refusal } from './refusal.ts'
import type { ResizeState } from './resize.ts'
import type { ContainerResources, ObservedContainer } from './runtime/runtime.ts'

/** Why a container (or, under the empty name, the sandbox) could not be started, and when to try again. */
export interface StartFailure {
  readonly reason: string
  readonly message: string
  readonly failures: number
  readonly retryAt: number
}

/** What probes found of one container; absent: not probed yet. */
export interface ProbeState {
  readonly started?: boolean
  readonly ready?: boolean
  /** Why the container must be restarted. */
  readonly unhealthy?: string
}

export interface PlanInput {
  readonly pod: Pod
  readonly observed: PodContainers
  readonly now: number
  /** Its work is done or has failed for good, though something of it may still run. */
  readonly ended: boolean
  /** Names of containers that an action is working on; the sandbox's name is empty. */
  readonly busy: ReadonlySet<string>
  readonly startFailures: ReadonlyMap<string, StartFailure>
  /** By container id. */
  readonly probes: ReadonlyMap<string, ProbeState>
  readonly resize: ResizeState
  /** Why the node does not take the pod. */
  readonly refusal: Refusal | undefined
  /** The pod is no longer in the API: nothing of it may stay. */
  readonly gone: boolean
}

export type Action =
  | { readonly type: 'start-sandbox'; readonly attempt: number }
  | {
      readonly type: 'start-container'
      readonly entry: ContainerEntry
      readonly sandbox: ObservedContainer
      readonly attempt: number
      readonly crashes: number
    }
  | {
      readonly type: 'kill-container'
      readonly target: ObservedContainer
      readonly graceSeconds: number
      /** For the event; empty: the pod ends and nothing has to be explained. */
      readonly why: string
    }
  | {
      readonly type: 'resize-container'
      readonly target: ObservedContainer
      readonly resources: ContainerResources
    }
  | { readonly type: 'stop-sandbox'; readonly target: ObservedContainer }
  | { readonly type: 'remove'; readonly target: ObservedContainer }

export interface Plan {
  readonly actions: readonly Action[]
  /** When time alone changes the plan. */
  readonly wakeAt: number | undefined
}

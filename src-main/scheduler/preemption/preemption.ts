/** Room for a pod that fits nowhere: planned on the snapshot, agreed with extenders, and then made. */
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { PodDisruptionBudget } from '../../api/types/policy-v1.ts'
import type { Client } from '../../client/client.ts'
import type { Clock } from '../../lib/clock.ts'
import { describeError, type Log } from '../../lib/log.ts'
import type { Random } from '../../lib/random.ts'
import type { SchedulerCache } from '../cache.ts'
import type { PreemptionLimits, Profile } from '../configuration/configuration.ts'
import type { Decided } from '../decision.ts'
import type { Extender } from '../extenders/extender.ts'
import type { Snapshot } from '../framework.ts'
import type { WaitingPods } from '../permit.ts'
import type { Reports } from '../reports.ts'
import { chooseCandidate } from './choose.ts'
import { dropNominations, evict } from './evict.ts'
import { planPreemption } from './plan.ts'
import { wordsOnClaims } from './words-on-claims.ts'
import { budgetOf, priorityOf, type Candidate } from './victims.ts'

export interface Room {
  /** In the words of the pod's event; empty when room will be made or was not looked for. */
  readonly message: string
  /** What is said of the pod's claims before anything else; ends so that more may follow. */
  readonly onClaims: string
  readonly candidates: readonly Candidate[]
  readonly target: Candidate | undefined
  /** What the pod's status says of the node for which it waits stays. */
  readonly keepsNomination: boolean
}

export interface PlanRoomOptions {
  readonly limits: PreemptionLimits
  readonly budgets: () => readonly Live<PodDisruptionBudget>[]
  readonly random: Random
}

export function planRoom(
  pod: Live<Pod>,
  { decision, run }: Decided,
  snapshot: Snapshot,
  { limits, budgets, random }: PlanRoomOptions,
): Room {
  const none = { onClaims: '', candidates: [], target: undefined, keepsNomination: false }
  if (snapshot.nodes.length === 0) return { ...none, message: '' }
  const words = wordsOnClaims(pod, decision, run)
  // What is asked first about claims knows nothing of a pod that was refused before it was looked at.
  if (words === 'not found') return { ...none, message: words, keepsNomination: true }
  const onClaims = words === undefined ? '' : `${words}, `
  if (!limits.enabled) return { ...none, message: words ?? '', keepsNomination: words !== undefined }
  const options = { budgets: budgets().map(budgetOf), limits, offset: random.next() }
  const plan = planPreemption(pod, decision, run, snapshot, options)
  if (plan.candidates === undefined) {
    const message = plan.isError === true ? plan.message : `${onClaims}${plan.message}`
    return { ...none, message, keepsNomination: plan.keeps }
  }
  const { candidates } = plan
  return { message: '', onClaims, candidates, target: chooseCandidate(candidates), keepsNomination: false }
}

/** Extenders may leave out candidates; one that fails and may be ignored is. */
export async function askExtenders(pod: Live<Pod>, room: Room, extenders: readonly Extender[]): Promise<Room> {
  let { candidates } = room
  const refused = { onClaims: room.onClaims, candidates: [], target: undefined, keepsNomination: true }
  for (const extender of extenders) {
    if (candidates.length === 0) return room
    try {
      candidates = await extender.preempt(pod, candidates)
      if (candidates.length === 0)
        return { ...refused, message: `${room.onClaims}preemption: no candidate node for preemption` }
    } catch (error) {
      if (!extender.dispensable) return { ...refused, message: `preemption: ${describeError(error)}` }
    }
  }
  return { ...room, candidates, target: chooseCandidate(candidates) }
}

export interface MakeRoomOptions {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly cache: SchedulerCache
  readonly waiting: WaitingPods
  readonly reports: Reports
  readonly profile: Profile
}

/** Evicts the victims. What fails is logged: the pod is tried again, and finds out. */
export async function makeRoom(pod: Live<Pod>, target: Candidate, options: MakeRoomOptions): Promise<void> {
  const { client, clock, log, cache, waiting, reports, profile } = options
  const rivals = (cache.nominated.byNode.get(target.node) ?? []).filter(
    (other) => other.metadata.uid !== pod.metadata.uid && priorityOf(other) < priorityOf(pod),
  )
  for (const { metadata } of rivals) cache.nominated.delete(metadata.uid)
  try {
    await evict(pod, target, {
      ...{ client, clock },
      events: reports.as(profile.schedulerName),
      schedulerName: profile.schedulerName,
      rejectWaiting: (uid) => waiting.reject(uid, 'preempted'),
    })
    await dropNominations(rivals, client)
  } catch (error) {
    log.warn(`making room on ${target.node} for ${pod.metadata.name} failed: ${describeError(error)}`)
  }
}

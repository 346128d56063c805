/** What is told of a node when what is said of it changes: pure. */
import { findCondition } from '../api/meta/conditions.ts'
import type { Node } from '../api/types/core-v1.ts'

export interface NodeEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/** The reasons for a condition that is true, and for one that is not. */
const reasons: readonly (readonly [condition: string, isTrue: string, isFalse: string])[] = [
  ['MemoryPressure', 'NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  ['DiskPressure', 'NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  ['PIDPressure', 'NodeHasInsufficientPID', 'NodeHasSufficientPID'],
  ['Ready', 'NodeReady', 'NodeNotReady'],
]

/** Of a kubelet that has begun to answer for its node. */
export const startEvents: readonly NodeEvent[] = [
  { type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' },
  { type: 'Normal', reason: 'NodeAllocatableEnforced', message: 'Updated Node Allocatable limit across pods' },
]

export function nodeEvents(before: Node, after: Node): NodeEvent[] {
  const name = after.metadata?.name ?? ''
  const is = (reason: string): NodeEvent => ({
    ...{ type: 'Normal', reason, message: `Node ${name} status is now: ${reason}` },
  })
  return [
    ...rebooted(name, before, after),
    ...reasons.flatMap(([type, isTrue, isFalse]) => {
      const was = findCondition(before.status?.conditions, type)?.status
      const status = findCondition(after.status?.conditions, type)?.status
      if (status === undefined || status === was) return []
      // A node that was never ready has not stopped being so.
      if (type === 'Ready' && was === undefined && status !== 'True') return []
      return [is(status === 'True' ? isTrue : isFalse)]
    }),
    ...schedulingEvents(before, after).map(is),
  ]
}

function rebooted(name: string, before: Node, after: Node): NodeEvent[] {
  const was = before.status?.nodeInfo?.bootID ?? ''
  const bootId = after.status?.nodeInfo?.bootID ?? ''
  if (was === '' || was === bootId) return []
  return [{ type: 'Warning', reason: 'Rebooted', message: `Node ${name} has been rebooted, boot id: ${bootId}` }]
}

function schedulingEvents({ spec: before }: Node, { spec }: Node): string[] {
  const isClosed = spec?.unschedulable === true
  if (isClosed === (before?.unschedulable === true)) return []
  return [isClosed ? 'NodeNotSchedulable' : 'NodeSchedulable']
}

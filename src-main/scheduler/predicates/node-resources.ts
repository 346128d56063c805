import type { Live } from '../../api/meta/object.ts'
import type { Node, Pod } from '../../api/types/core-v1.ts'
import { fits, unresolvable, unschedulable, type Predicate, type Verdict } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'
import { parseResources, requestsOf, type Resources } from '../resources.ts'

const tooManyPods = 'Too many pods'

/** Enough of every resource that the pod asks for, and a free place among the node's pods. */
export const nodeResources: Predicate = {
  name: 'NodeResourcesFit',
  prepare(pod) {
    const wanted = Object.entries(requestsOf(pod).requests).filter(([, amount]) => amount > 0)
    return (node) => verdict(node, wanted)
  },
  mayHelp(event, pod) {
    const { requests } = requestsOf(pod)
    if (event.type === 'podGone') return true
    if (event.type === 'podChanged') return freesResources(event.previous, event.pod)
    if (event.type === 'nodeAdded') return couldHold(event.node, requests)
    return event.type === 'nodeUpdated' && event.previous.status?.allocatable !== event.node.status?.allocatable
      ? couldHold(event.node, requests)
      : false
  },
}

function verdict({ allocatable, requested, pods }: NodeInfo, wanted: readonly (readonly [string, number])[]): Verdict {
  const reasons: string[] = []
  let tooLargeForNode = false
  if (pods.size + 1 > (allocatable['pods'] ?? 0)) reasons.push(tooManyPods)
  for (const [name, amount] of wanted) {
    const total = allocatable[name] ?? 0
    if (amount <= total - (requested[name] ?? 0)) continue
    reasons.push(`Insufficient ${name}`)
    if (amount > total) tooLargeForNode = true
  }
  if (reasons.length === 0) return fits
  return tooLargeForNode ? unresolvable(...reasons) : unschedulable(...reasons)
}

const couldHold = ({ status }: Live<Node>, requests: Resources): boolean => {
  const allocatable = parseResources(status?.allocatable ?? status?.capacity)
  return Object.entries(requests).every(([name, amount]) => amount <= (allocatable[name] ?? 0))
}

function freesResources(previous: Pod, pod: Pod): boolean {
  const now = requestsOf(pod).requests
  return Object.entries(requestsOf(previous).requests).some(([name, amount]) => (now[name] ?? 0) < amount)
}

import type { Node, Pod } from '../../api/types/core-v1.ts'
import { fits, unresolvable, unschedulable, type Predicate, type Verdict } from '../framework.ts'
import { allocatableOf, type NodeInfo } from '../node-info.ts'
import { requestsOf, type Resources } from '../resources.ts'

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
    if (event.type !== 'nodeUpdated') return false
    const before = allocatableOf(event.previous)
    const grew = Object.entries(allocatableOf(event.node)).some(([name, amount]) => amount > (before[name] ?? 0))
    return grew && couldHold(event.node, requests)
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

const couldHold = (node: Node, requests: Resources): boolean => {
  const allocatable = allocatableOf(node)
  return Object.entries(requests).every(([name, amount]) => amount <= (allocatable[name] ?? 0))
}

function freesResources(previous: Pod, pod: Pod): boolean {
  const now = requestsOf(pod).requests
  return Object.entries(requestsOf(previous).requests).some(([name, amount]) => (now[name] ?? 0) < amount)
}

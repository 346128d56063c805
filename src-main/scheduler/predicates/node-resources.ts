import type { Node, Pod } from '../../api/types/core-v1.ts'
import { fits, unresolvable, unschedulable, type Predicate, type Refused, type Verdict } from '../framework.ts'
import { allocatableOf, type NodeInfo } from '../node-info.ts'
import { requestsOf, type Resources } from '../resources.ts'

const tooManyPods = 'Too many pods'

export interface IgnoredResources {
  /** Names of extended resources that something else looks after. */
  readonly names: readonly string[]
  /** What stands before the slash in the names of such resources. */
  readonly groups: readonly string[]
}

type Wanted = readonly (readonly [name: string, amount: number])[]

const isExtended = (name: string): boolean => name.includes('/')

/** Enough of every resource that the pod asks for, and a free place among the node's pods. */
export function nodeResourcesWith(ignored: IgnoredResources = { names: [], groups: [] }): Predicate {
  const names = new Set(ignored.names)
  const groups = new Set(ignored.groups)
  const isIgnored = (name: string): boolean =>
    isExtended(name) && (names.has(name) || groups.has(name.slice(0, name.indexOf('/'))))
  const wantedBy = (pod: Pod): Wanted =>
    Object.entries(requestsOf(pod).requests).filter(([name, amount]) => amount > 0 && !isIgnored(name))
  return {
    name: 'NodeResourcesFit',
    prepare(pod) {
      const wanted = wantedBy(pod)
      return { key: JSON.stringify(wanted), check: (node) => verdict(node, wanted) }
    },
    mayHelp(event, pod) {
      if (event.type === 'podGone') return true
      if (event.type === 'podChanged') return freesResources(event.previous, event.pod)
      if (event.type === 'nodeAdded') return couldHold(event.node, wantedBy(pod))
      if (event.type !== 'nodeUpdated') return false
      const before = allocatableOf(event.previous)
      const grew = Object.entries(allocatableOf(event.node)).some(([name, amount]) => amount > (before[name] ?? 0))
      return grew && couldHold(event.node, wantedBy(pod))
    },
  }
}

function verdict({ allocatable, requested, pods }: NodeInfo, wanted: Wanted): Verdict {
  let reasons: string[] | undefined
  let tooLargeForNode = false
  if (pods.size + 1 > (allocatable['pods'] ?? 0)) reasons = [tooManyPods]
  for (const [name, amount] of wanted) {
    const total = allocatable[name] ?? 0
    if (amount <= total - (requested[name] ?? 0)) continue
    reasons = [...(reasons ?? []), `Insufficient ${name}`]
    if (amount > total) tooLargeForNode = true
  }
  if (reasons === undefined) return fits
  return refusalFor(reasons, tooLargeForNode)
}

/** Few lists of reasons are given for all nodes of all pods. */
const refusals = new Map<string, Refused>()
const refusalsLimit = 1000

function refusalFor(reasons: readonly string[], tooLargeForNode: boolean): Refused {
  const id = JSON.stringify([tooLargeForNode, reasons])
  const known = refusals.get(id)
  if (known !== undefined) return known
  const made = tooLargeForNode ? unresolvable(...reasons) : unschedulable(...reasons)
  if (refusals.size < refusalsLimit) refusals.set(id, made)
  return made
}

const couldHold = (node: Node, wanted: Wanted): boolean => {
  const allocatable: Resources = allocatableOf(node)
  return wanted.every(([name, amount]) => amount <= (allocatable[name] ?? 0))
}

function freesResources(previous: Pod, pod: Pod): boolean {
  const now = requestsOf(pod).requests
  return Object.entries(requestsOf(previous).requests).some(([name, amount]) => (now[name] ?? 0) < amount)
}

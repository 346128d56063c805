/** Amounts of resources: `cpu` in thousandths of a core, all others in their own unit (bytes, pieces). */
import { milliValue, parseQuantity, wholeValue } from '../api/meta/quantity.ts'
import { podCondition } from '../api/meta/pod.ts'
import type { Container, Pod } from '../api/types/core-v1.ts'

export type Resources = Readonly<Record<string, number>>

/** What counts, in scores only, for a container that asks for nothing: enough to spread such pods too. */
const assumedRequests: Resources = { cpu: 100, memory: 200 * 1024 * 1024 }

export function parseResources(quantities: Readonly<Record<string, string>> | undefined): Resources {
  return Object.fromEntries(
    Object.entries(quantities ?? {}).map(([name, text]) => {
      const quantity = parseQuantity(text)
      return [name, name === 'cpu' ? milliValue(quantity) : wholeValue(quantity)]
    }),
  )
}

function combine(a: Resources, b: Resources, of: (left: number, right: number) => number): Resources {
  const result: Record<string, number> = { ...a }
  for (const [name, amount] of Object.entries(b)) result[name] = of(result[name] ?? 0, amount)
  return result
}

export const addResources = (a: Resources, b: Resources): Resources => combine(a, b, (left, right) => left + right)
export const subtractResources = (a: Resources, b: Resources): Resources => combine(a, b, (left, right) => left - right)
const largest = (a: Resources, b: Resources): Resources => combine(a, b, Math.max)

export interface PodRequests {
  /** What the pod asks for. */
  readonly requests: Resources
  /** The same with an assumed minimum of cpu and memory for every container: for scores. */
  readonly scored: Resources
}

const known = new WeakMap<Pod, PodRequests>()

/** Computed once for each state of a pod. */
export function requestsOf(pod: Pod): PodRequests {
  const cached = known.get(pod)
  if (cached !== undefined) return cached
  const made = { requests: podRequests(pod, {}), scored: podRequests(pod, assumedRequests) }
  known.set(pod, made)
  return made
}

/**
 * Containers run together; init containers run before them, one by one, beside the sidecars (init containers that
 * restart always) that were started earlier. The pod needs the larger of both, and its overhead. Requests that are
 * set for the whole pod stand in place of the sum.
 */
function podRequests(pod: Pod, minimum: Resources): Resources {
  const containerRequests = (container: Container): Resources => ({
    ...minimum,
    ...requestsOfContainer(pod, container),
  })
  let sidecars: Resources = {}
  let initPeak: Resources = {}
  for (const container of pod.spec?.initContainers ?? []) {
    const own = containerRequests(container)
    const together = addResources(sidecars, own)
    if (container.restartPolicy === 'Always') sidecars = together
    initPeak = largest(initPeak, together)
  }
  const running = (pod.spec?.containers ?? []).map(containerRequests).reduce(addResources, sidecars)
  const whole = parseResources(pod.spec?.resources?.requests)
  return addResources({ ...largest(running, initPeak), ...whole }, parseResources(pod.spec?.overhead))
}

/**
 * While a resize is under way, the largest of what is wanted, what the node has promised and what the container has; a
 * resize that can never be done is not waited for.
 */
function requestsOfContainer(pod: Pod, container: Container): Resources {
  const wanted = parseResources(container.resources?.requests)
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  const status =
    containerStatuses.find(({ name }) => name === container.name) ??
    initContainerStatuses.find(({ name }) => name === container.name)
  if (status?.resources === undefined && status?.allocatedResources === undefined) return wanted
  const actual = largest(parseResources(status.allocatedResources), parseResources(status.resources?.requests))
  return isResizeInfeasible(pod) ? actual : largest(wanted, actual)
}

function isResizeInfeasible(pod: Pod): boolean {
  const pending = podCondition(pod, 'PodResizePending')
  return pending?.status === 'True' && pending.reason === 'Infeasible'
}

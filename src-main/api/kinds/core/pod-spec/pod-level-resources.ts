import { addQuantities, compareQuantities, formatQuantity, parseQuantity } from '../../../meta/quantity.ts'
import type { ExactQuantity } from '../../../meta/quantity.ts'
import type { Container, PodSpec } from '../../../types/core-v1.ts'

/** Which resources may be stated for a pod as a whole (KEP-2837). */
const supports = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')

/** Missing requests of a pod as a whole: what its containers ask for together, else its limits. In place. */
export function defaultPodResources(draft: PodSpec): void {
  const { resources } = draft
  if (resources === undefined) return
  const requests = { ...resources.requests }
  for (const [name, amount] of containerRequests(draft)) {
    if (supports(name)) requests[name] ??= formatQuantity(amount)
  }
  for (const [name, limit] of Object.entries(resources.limits ?? {})) {
    if (supports(name)) requests[name] ??= limit
  }
  if (Object.keys(requests).length > 0) resources.requests = requests
}

type Amounts = Map<string, ExactQuantity>

/** What is asked for, or what may be had. */
export type Side = 'requests' | 'limits'

export const containerRequests = (spec: PodSpec): Amounts => containerTotal(spec, 'requests')

/**
 * What the pod as a whole asks for, or may have: its own figures go before the sum of its containers, and its overhead
 * comes on top; of limits only where there is one.
 */
export function podTotal(spec: PodSpec, side: Side): Amounts {
  const total = containerTotal(spec, side)
  for (const [name, text] of Object.entries(spec.resources?.[side] ?? {}))
    if (supports(name)) total.set(name, parseQuantity(text))
  for (const [name, text] of Object.entries(spec.overhead ?? {}))
    if (side === 'requests' || total.has(name)) addAmount(total, name, text)
  return total
}

/** All that run at once, or the most that one init container needs beside the sidecars that were started before it. */
function containerTotal(spec: PodSpec, side: Side): Amounts {
  const together: Amounts = new Map()
  for (const container of spec.containers ?? []) add(together, container, side)
  const sidecars: Amounts = new Map()
  const peak: Amounts = new Map()
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      add(together, container, side)
      add(sidecars, container, side)
      raise(peak, sidecars)
    } else {
      const alone = new Map(sidecars)
      add(alone, container, side)
      raise(peak, alone)
    }
  }
  raise(together, peak)
  return together
}

function add(amounts: Amounts, container: Container, side: Side): void {
  for (const [name, text] of Object.entries(container.resources?.[side] ?? {})) addAmount(amounts, name, text)
}

function addAmount(amounts: Amounts, name: string, text: string): void {
  const before = amounts.get(name)
  const amount = parseQuantity(text)
  amounts.set(name, before === undefined ? amount : addQuantities(before, amount))
}

function raise(amounts: Amounts, other: Amounts): void {
  for (const [name, amount] of other) {
    const before = amounts.get(name)
    if (before === undefined || compareQuantities(before, amount) < 0) amounts.set(name, amount)
  }
}

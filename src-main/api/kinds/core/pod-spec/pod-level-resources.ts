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

/**
 * What the containers ask for together: all that run at once, or the most that one init container needs beside the
 * sidecars that were started before it.
 */
export function containerRequests(spec: PodSpec): Amounts {
  const together: Amounts = new Map()
  for (const container of spec.containers ?? []) add(together, container)
  const sidecars: Amounts = new Map()
  const peak: Amounts = new Map()
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      add(together, container)
      add(sidecars, container)
      raise(peak, sidecars)
    } else {
      const alone = new Map(sidecars)
      add(alone, container)
      raise(peak, alone)
    }
  }
  raise(together, peak)
  return together
}

function add(amounts: Amounts, container: Container): void {
  for (const [name, text] of Object.entries(container.resources?.requests ?? {})) {
    const before = amounts.get(name)
    const amount = parseQuantity(text)
    amounts.set(name, before === undefined ? amount : addQuantities(before, amount))
  }
}

function raise(amounts: Amounts, other: Amounts): void {
  for (const [name, amount] of other) {
    const before = amounts.get(name)
    if (before === undefined || compareQuantities(before, amount) < 0) amounts.set(name, amount)
  }
}

import { milliValue, parseQuantity, wholeValue } from '../api/meta/quantity.ts'
import type { Container } from '../api/types/core-v1.ts'
import type { ContainerResources } from './runtime/runtime.ts'

/** A container's requests and limits in the units of the runtime: pure. */
export function resourcesOf({ resources = {} }: Container): ContainerResources {
  const { limits = {}, requests = {} } = resources
  const milli = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : milliValue(parseQuantity(text))
  const limit = milli(limits['cpu'])
  const share = milli(requests['cpu']) ?? limit ?? 0
  const memory = limits['memory']
  return {
    cpuShares: Math.max(2, Math.floor((share * 1024) / 1000)),
    // The kernel takes no less than one millisecond in a period.
    ...(limit === undefined || limit === 0 ? {} : { cpuQuotaMicros: Math.max(1000, limit * 100) }),
    ...(memory === undefined ? {} : { memoryBytes: wholeValue(parseQuantity(memory)) }),
  }
}

import { isTerminated } from '../../src-main/api/meta/pod.ts'
import { milliValue, parseQuantity, QuantityError, wholeValue } from '../../src-main/api/meta/quantity.ts'
import type { Node, Pod } from '../../src-main/api/types/core-v1.ts'

export interface Share {
  readonly requested: number
  readonly allocatable: number
}

/** What the pods of a node ask for beside what it can give: CPU in thousandths, memory in bytes. */
export interface NodeUsage {
  readonly cpu: Share
  readonly memory: Share
  readonly pods: Share
}

/** Pods that have ended ask for nothing any more. */
export function usageOf(node: Node, pods: readonly Pod[]): NodeUsage {
  const running = pods.filter((pod) => !isTerminated(pod))
  const allocatable = node.status?.allocatable ?? node.status?.capacity ?? {}
  const sum = (name: 'cpu' | 'memory', read: (text: string | undefined) => number): number =>
    running.reduce((total, pod) => total + requestOf(pod, name, read), 0)
  return {
    cpu: { requested: sum('cpu', milli), allocatable: milli(allocatable['cpu']) },
    memory: { requested: sum('memory', whole), allocatable: whole(allocatable['memory']) },
    pods: { requested: running.length, allocatable: whole(allocatable['pods']) },
  }
}

/** The scheduler's sum: all containers, or the largest init container when that is more. */
function requestOf({ spec }: Pod, name: 'cpu' | 'memory', read: (text: string | undefined) => number): number {
  const asked = (list: readonly { resources?: { requests?: Record<string, string> } }[]): number[] =>
    list.map(({ resources }) => read(resources?.requests?.[name]))
  const containers = asked(spec?.containers ?? []).reduce((a, b) => a + b, 0)
  return Math.max(containers, ...asked(spec?.initContainers ?? []))
}

const milli = (text: string | undefined): number => amount(text, (parsed) => milliValue(parsed))
const whole = (text: string | undefined): number => amount(text, (parsed) => wholeValue(parsed))

function amount(text: string | undefined, read: (parsed: ReturnType<typeof parseQuantity>) => number): number {
  if (text === undefined) return 0
  try {
    return read(parseQuantity(text))
  } catch (error) {
    if (error instanceof QuantityError) return 0
    throw error
  }
}

/** `250m`, `2`. */
export const formatCpu = (thousandths: number): string =>
  thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`

const units = ['B', 'Ki', 'Mi', 'Gi', 'Ti'] as const

/** `512Mi`, `1.5Gi`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${Number(value.toFixed(value < 10 ? 1 : 0))}${units[unit] ?? ''}`
}

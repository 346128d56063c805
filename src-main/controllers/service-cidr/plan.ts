/** Whether the addresses of a ServiceCIDR may be given out, and whether it may go. */
import { withCondition } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Condition } from '../../api/types/meta-v1.ts'
import type { IPAddress, ServiceCIDR } from '../../api/types/networking-v1.ts'
import { timestamp } from '../../lib/clock.ts'

export const finalizer = 'networking.k8s.io/service-cidr-finalizer'

export interface RangeObserved {
  readonly range: Live<ServiceCIDR>
  readonly others: readonly Live<ServiceCIDR>[]
  readonly addresses: readonly Live<IPAddress>[]
  readonly nowMs: number
}

export interface RangePlan {
  /** Undefined: they stay as they are. */
  readonly finalizers: readonly string[] | undefined
  readonly conditions: Condition[] | undefined
  /** When it may go, if nobody takes an address of it meanwhile. */
  readonly requeueAfterMs?: number
}

/** Allocators may not have seen yet that it is on its way out. */
const graceMs = 10_000

export function planRange({ range, others, addresses, nowMs }: RangeObserved): RangePlan {
  const { finalizers = [], deletionTimestamp } = range.metadata
  const set = (status: string, reason: string, message: string): Condition[] | undefined => {
    const next = { type: 'Ready', status, reason, message }
    const { conditions, changed } = withCondition<Condition>(range.status?.conditions, next, timestamp(nowMs))
    return changed ? conditions : undefined
  }
  if (deletionTimestamp === undefined)
    return {
      finalizers: finalizers.includes(finalizer) ? undefined : [...finalizers, finalizer],
      conditions: set('True', '', 'Kubernetes Service CIDR is ready'),
    }
  const covered = others.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const isNeeded = addresses.some(
    ({ metadata }) => holds(range, metadata.name) && !covered.some((other) => holds(other, metadata.name)),
  )
  const leftMs = Date.parse(deletionTimestamp) + graceMs - nowMs
  if (!isNeeded && leftMs > 0) return { finalizers: undefined, conditions: undefined, requeueAfterMs: leftMs }
  if (!isNeeded && !finalizers.includes(finalizer)) return { finalizers: undefined, conditions: undefined }
  if (!isNeeded) return { finalizers: finalizers.filter((one) => one !== finalizer), conditions: undefined }
  const words =
    'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR'
  return { finalizers: undefined, conditions: set('False', 'Terminating', words) }
}

const holds = ({ spec }: ServiceCIDR, ip: string): boolean => (spec?.cidrs ?? []).some((cidr) => contains(cidr, ip))

function contains(cidr: string, ip: string): boolean {
  const [address = '', length = ''] = cidr.split('/')
  const [first, number] = [numberOf(address), numberOf(ip)]
  if (first === undefined || number === undefined) return false
  const size = 2 ** (32 - Number(length))
  return Math.floor(first / size) === Math.floor(number / size)
}

/** IPv4 alone: services have no other addresses. */
function numberOf(ip: string): number | undefined {
  const parts = ip.split('.')
  return parts.length === 4 ? parts.reduce((sum, part) => sum * 256 + Number(part), 0) : undefined
}

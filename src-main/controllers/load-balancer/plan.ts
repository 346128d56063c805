/** Addresses for services of type LoadBalancer: pure. */
import type { Service } from '../../api/types/core-v1.ts'

/** Keeps a service that is deleted until its address is free again. */
export const finalizer = 'service.kubernetes.io/load-balancer-cleanup'

/** Services of a class are somebody else's. */
export const wantsBalancer = ({ spec }: Service): boolean =>
  spec?.type === 'LoadBalancer' && spec.loadBalancerClass === undefined

export const isOurs = (service: Service): boolean =>
  wantsBalancer(service) && service.metadata?.deletionTimestamp === undefined

/** What is said when a service begins or ceases to want an address. */
export function typeChange(previous: Service, service: Service): string | undefined {
  if (wantsBalancer(previous) === wantsBalancer(service)) return undefined
  return `${previous.spec?.type ?? 'ClusterIP'} -> ${service.spec?.type ?? 'ClusterIP'}`
}

const isHeld = ({ metadata }: Service): boolean => metadata?.finalizers?.includes(finalizer) === true

export const addressesOf = ({ status }: Service): string[] =>
  (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]))

export type BalancerPlan =
  | { readonly action: 'none' }
  /** The service is none of ours any more: its address is free. */
  | { readonly action: 'clear' }
  | { readonly action: 'assign'; readonly address: string }
  | { readonly action: 'exhausted' }
  /** It asks for an address that is not in the range or that another service has. */
  | { readonly action: 'refused'; readonly message: string }

const toNumber = (address: string): number =>
  address.split('.').reduce((number, part) => number * 256 + Number(part), 0)
const toAddress = (number: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join('.')

/** The addresses of `10.30.1.0/24` but for its first and last. */
function* hostsOf(range: string): Generator<string> {
  const [base = '', bits = '32'] = range.split('/')
  const first = toNumber(base)
  const size = 2 ** (32 - Number(bits))
  for (let offset = 1; offset < size - 1; offset++) yield toAddress(first + offset)
}

function isIn(range: string, address: string): boolean {
  const [base = '', bits = '32'] = range.split('/')
  const offset = toNumber(address) - toNumber(base)
  return /^(\d{1,3}\.){3}\d{1,3}$/.test(address) && offset > 0 && offset < 2 ** (32 - Number(bits)) - 1
}

/** `taken` are the addresses of all other services. An address that a service has is kept for as long as it can be. */
export function planBalancer(service: Service, range: string, taken: ReadonlySet<string>): BalancerPlan {
  const current = addressesOf(service)
  if (!isOurs(service)) {
    const isLeaving = service.metadata?.deletionTimestamp !== undefined || service.spec?.type !== 'LoadBalancer'
    const stale = service.spec?.type !== 'LoadBalancer' && current.some((address) => isIn(range, address))
    return stale || (isHeld(service) && isLeaving) ? { action: 'clear' } : { action: 'none' }
  }
  const wish = service.spec?.loadBalancerIP ?? ''
  const [held] = current
  if (wish !== '') {
    if (held === wish) return { action: 'none' }
    if (!isIn(range, wish)) return { action: 'refused', message: `${wish} is not in the range ${range}` }
    if (taken.has(wish)) return { action: 'refused', message: `${wish} is the address of another service` }
    return { action: 'assign', address: wish }
  }
  if (held !== undefined && isIn(range, held) && !taken.has(held)) return { action: 'none' }
  for (const address of hostsOf(range)) if (!taken.has(address)) return { action: 'assign', address }
  return { action: 'exhausted' }
}

/** The Endpoints object of a service: the older form of its EndpointSlices. */
import type { Live } from '../../api/meta/object.ts'
import { isPodReady, isTerminated, isTerminating, stableText } from '../../api/meta/pod.ts'
import type { EndpointAddress, EndpointPort, Endpoints, EndpointSubset, Pod, Service } from '../../api/types/core-v1.ts'
import { withTriggerTime } from '../trigger-times.ts'
import { addressesOf, headlessLabel, hostnameIn, isHeadless, portsOn } from '../service-pods.ts'

const managedByLabel = 'endpoints.kubernetes.io/managed-by'
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity'
/** An Endpoints object holds no more than this, ready ones first. */
const mostAddresses = 1000

/** The object as it should be; `existing` is what stands there now. */
export function planEndpoints(
  service: Live<Service>,
  pods: readonly Live<Pod>[],
  existing: Live<Endpoints> | undefined,
): Endpoints {
  const { subsets, truncated } = subsetsOf(service, pods)
  const { [headlessLabel]: _headless, ...labels } = service.metadata.labels ?? {}
  const { [overCapacityAnnotation]: _capacity, ...annotations } = existing?.metadata.annotations ?? {}
  const { name, namespace } = service.metadata
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...existing?.metadata,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: {
        ...labels,
        ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
        [managedByLabel]: 'endpoint-controller',
      },
      annotations: { ...annotations, ...(truncated ? { [overCapacityAnnotation]: 'truncated' } : {}) },
    },
    subsets,
  }
}

/** When a change was made is no reason to write. */
export function sameEndpoints(wanted: Endpoints, existing: Live<Endpoints>): boolean {
  const facts = ({ metadata, subsets }: Endpoints): string =>
    stableText([metadata?.labels ?? {}, withTriggerTime(metadata ?? {}, undefined).annotations ?? {}, subsets ?? []])
  return facts(wanted) === facts(existing)
}

interface Entry {
  readonly address: EndpointAddress
  readonly ports: readonly EndpointPort[]
  readonly ready: boolean
}

function subsetsOf(
  service: Live<Service>,
  pods: readonly Live<Pod>[],
): { subsets: EndpointSubset[]; truncated: boolean } {
  const entries = pods
    .flatMap((pod) => entryOf(service, pod))
    .sort((a, b) => Number(b.ready) - Number(a.ready) || (a.address.ip < b.address.ip ? -1 : 1))
  const groups = new Map<
    string,
    { ports: readonly EndpointPort[]; ready: EndpointAddress[]; other: EndpointAddress[] }
  >()
  for (const { address, ports, ready } of entries.slice(0, mostAddresses)) {
    const key = stableText(ports)
    const group = groups.get(key) ?? { ports, ready: [], other: [] }
    ;(ready ? group.ready : group.other).push(address)
    groups.set(key, group)
  }
  const subsets = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { ports, ready, other }]) => ({
      ...(ready.length === 0 ? {} : { addresses: ready }),
      ...(other.length === 0 ? {} : { notReadyAddresses: other }),
      ...(ports.length === 0 ? {} : { ports: [...ports] }),
    }))
  return { subsets, truncated: entries.length > mostAddresses }
}

function entryOf(service: Live<Service>, pod: Live<Pod>): Entry[] {
  const family = service.spec?.ipFamilies?.[0] ?? 'IPv4'
  const ip = addressesOf(pod).find((address) => address.includes(':') === (family === 'IPv6'))
  const takesAll = service.spec?.publishNotReadyAddresses === true
  if (ip === undefined || isTerminated(pod) || (isTerminating(pod) && !takesAll)) return []
  const ports = portsOn(service, pod).flatMap(({ port, ...rest }) => (port === undefined ? [] : [{ ...rest, port }]))
  if (ports.length === 0 && !isHeadless(service)) return []
  const hostname = hostnameIn(service, pod)
  const { name, namespace, uid } = pod.metadata
  const address = {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec?.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', name, uid, ...(namespace === undefined ? {} : { namespace }) },
  }
  return [{ address, ports: ports.map(withoutEmptyName), ready: takesAll || isPodReady(pod) }]
}

/** In this older form a port without a name has no name at all. */
function withoutEmptyName({ name, ...rest }: EndpointPort): EndpointPort {
  return name === undefined || name === '' ? rest : { name, ...rest }
}

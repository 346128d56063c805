/** What the cluster's DNS answers: pure. */
import type { EndpointSlice } from '../../api/types/discovery-v1.ts'
import type { Pod, Service } from '../../api/types/core-v1.ts'

export interface DnsInput {
  readonly services: readonly Service[]
  readonly slices: readonly EndpointSlice[]
  readonly pods: readonly Pod[]
  /** `cluster.local`. */
  readonly domain: string
}

export interface ServerRecord {
  readonly name: string
  readonly target: string
  readonly port: number
}

export interface DnsRecords {
  /** A hosts file: answers names with addresses, and addresses with the first name of their line. */
  readonly hosts: string
  readonly servers: readonly ServerRecord[]
  /** Names that stand for other names, outside of the cluster. */
  readonly aliases: readonly { readonly name: string; readonly target: string }[]
}

const serviceLabel = 'kubernetes.io/service-name'

export function dnsRecords({ services, slices, pods, domain }: DnsInput): DnsRecords {
  const byService = Map.groupBy(
    slices,
    ({ metadata }) => `${metadata?.namespace ?? ''}/${metadata?.labels?.[serviceLabel] ?? ''}`,
  )
  const hosts = new Set<string>()
  const servers = new Map<string, ServerRecord>()
  const aliases: { name: string; target: string }[] = []
  for (const service of services) {
    const { name = '', namespace = '' } = service.metadata ?? {}
    const full = `${name}.${namespace}.svc.${domain}`
    const { clusterIP = '', type, externalName, ports = [] } = service.spec ?? {}
    if (type === 'ExternalName') {
      if (externalName !== undefined) aliases.push({ name: full, target: externalName })
      continue
    }
    const addServer = (
      port: string | undefined,
      protocol: string | undefined,
      number: number,
      target: string,
    ): void => {
      if (port === undefined || port === '') return
      const record = { name: `_${port}._${(protocol ?? 'TCP').toLowerCase()}.${full}`, target, port: number }
      servers.set(`${record.name} ${target} ${number}`, record)
    }
    if (clusterIP !== '' && clusterIP !== 'None') {
      hosts.add(`${clusterIP} ${full}`)
      for (const port of ports) addServer(port.name, port.protocol, port.port, full)
      continue
    }
    for (const { address, host, slice } of endpointsOf(byService.get(`${namespace}/${name}`) ?? [], service)) {
      const own = `${host}.${full}`
      hosts.add(`${address} ${own} ${full}`)
      for (const port of slice.ports ?? []) addServer(port.name, port.protocol, port.port ?? 0, own)
    }
  }
  // Behind the services' lines: an address is asked for its name more often to find the service than the pod.
  const ofPods = new Set(pods.flatMap((pod) => podLine(pod, domain) ?? []))
  return {
    hosts: [...[...hosts].toSorted(), ...[...ofPods].toSorted()].map((line) => `${line}\n`).join(''),
    servers: [...servers.values()].toSorted((left, right) => (text(left) < text(right) ? -1 : 1)),
    aliases: aliases.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
  }
}

/** `10-244-1-2.default.pod.cluster.local`: undefined while a pod has no address, and when it has ended. */
function podLine({ metadata, status }: Pod, domain: string): string | undefined {
  const address = podAddress({ status })
  if (address === undefined || address.includes(':')) return undefined
  return `${address} ${address.replaceAll('.', '-')}.${metadata?.namespace ?? ''}.pod.${domain}`
}

/** The address by which the pod has a name. */
export function podAddress({ status }: Pick<Pod, 'status'>): string | undefined {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' ? undefined : status?.podIP
}

const text = ({ name, target, port }: ServerRecord): string => `${name} ${target} ${port}`

interface HeadlessEndpoint {
  readonly address: string
  /** The pod's host name when it has one in this service, else one that is made of its address. */
  readonly host: string
  readonly slice: EndpointSlice
}

function endpointsOf(slices: readonly EndpointSlice[], service: Service): HeadlessEndpoint[] {
  const unready = service.spec?.publishNotReadyAddresses === true
  return slices
    .filter(({ addressType }) => addressType === 'IPv4')
    .flatMap((slice) =>
      (slice.endpoints ?? [])
        .filter(({ conditions }) => unready || conditions?.ready !== false)
        .flatMap(({ addresses, hostname }) =>
          addresses.slice(0, 1).map((address) => ({ address, host: hostname ?? address.replaceAll('.', '-'), slice })),
        ),
    )
}

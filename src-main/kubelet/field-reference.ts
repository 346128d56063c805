/** What `fieldRef` and `resourceFieldRef` point at, for variables and for downward API files. */
import { milliValue, parseQuantity, wholeValue } from '../api/meta/quantity.ts'
import type { Container, Pod, ResourceFieldSelector } from '../api/types/core-v1.ts'
import { ConfigError } from './config-error.ts'
import { containerEntries } from './pod-containers.ts'

/** What the pod does not say itself. */
export interface NodeFacts {
  readonly nodeName: string
  readonly hostAddress: string
  readonly podAddress: string
  readonly cpus: number
  readonly memoryBytes: number
}

/** The value of a field of the pod; throws ConfigError for a path that cannot be referred to. */
export function fieldValue(pod: Pod, path: string, facts: NodeFacts): string {
  const { metadata = {}, spec } = pod
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (keyed !== null) return (keyed[1] === 'labels' ? metadata.labels : metadata.annotations)?.[keyed[2] ?? ''] ?? ''
  switch (path) {
    case 'metadata.name':
      return metadata.name ?? ''
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid ?? ''
    case 'metadata.labels':
      return mapText(metadata.labels)
    case 'metadata.annotations':
      return mapText(metadata.annotations)
    case 'spec.nodeName':
      return facts.nodeName
    case 'spec.serviceAccountName':
      return spec?.serviceAccountName ?? 'default'
    case 'status.hostIP':
    case 'status.hostIPs':
      return facts.hostAddress
    case 'status.podIP':
    case 'status.podIPs':
      return facts.podAddress
    default:
      throw new ConfigError('CreateContainerConfigError', `unsupported fieldPath: ${path}`)
  }
}

/** One `key="value"` a line, as downward API files write maps. */
function mapText(map: Readonly<Record<string, string>> = {}): string {
  return Object.entries(map)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')
}

/** A limit or request in units of the divisor, rounded up; a missing limit is what the node has. */
export function resourceValue(pod: Pod, own: Container, reference: ResourceFieldSelector, facts: NodeFacts): string {
  const { containerName, resource, divisor } = reference
  const container =
    containerName === undefined || containerName === ''
      ? own
      : containerEntries(pod.spec).find((entry) => entry.container.name === containerName)?.container
  const [list, name = ''] = splitOnce(resource)
  const amounts = list === 'limits' ? container?.resources?.limits : container?.resources?.requests
  const unit = divisor === undefined || divisor === '0' ? '1' : divisor
  const given = amounts?.[name]
  if (name === 'cpu') {
    const milli = given !== undefined ? milliValue(parseQuantity(given)) : list === 'limits' ? facts.cpus * 1000 : 0
    return String(Math.ceil(milli / milliValue(parseQuantity(unit))))
  }
  const whole =
    given !== undefined
      ? wholeValue(parseQuantity(given))
      : list === 'limits' && name === 'memory'
        ? facts.memoryBytes
        : 0
  return String(Math.ceil(whole / wholeValue(parseQuantity(unit))))
}

function splitOnce(text: string): [string, string?] {
  const dot = text.indexOf('.')
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)]
}

/** What is odd about the containers of a pod, though it may be meant. */
import type { Container, ContainerPort, EnvVar, PodSpec } from '../types/core-v1.ts'
import type { ObjectMeta } from '../types/meta-v1.ts'
import { fractionalByteWarnings } from './fractional-bytes.ts'

interface Placed {
  readonly container: Container
  readonly path: string
}

const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/'
const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'
const ofBytes = ['memory', 'ephemeral-storage']

/** `specPath` and `metadataPath`: where the pod's parts are in the object. */
export function containerWarnings(
  spec: PodSpec,
  { annotations = {} }: ObjectMeta,
  specPath: string,
  metadataPath: string,
): string[] {
  const placed = placedContainers(spec, specPath)
  const annotation = (key: string, text: string): string[] =>
    Object.hasOwn(annotations, key) ? [`${metadataPath}.annotations[${key}]: ${text}`] : []
  const each = placed.flatMap(({ container, path }) => {
    const { name, env = [], resources, securityContext } = container
    const confined = spec.securityContext?.appArmorProfile ?? securityContext?.appArmorProfile
    return [
      ...(securityContext?.seccompProfile === undefined
        ? annotation(`${seccompPrefix}${name}`, 'non-functional in v1.27+; use the "seccompProfile" field instead')
        : []),
      ...(confined === undefined
        ? annotation(`${appArmorPrefix}${name}`, 'deprecated since v1.30; use the "appArmorProfile" field instead')
        : []),
      ...ofBytes.flatMap((amount) => [
        ...fractionalByteWarnings(resources?.limits, [amount], `${path}.resources.limits`),
        ...fractionalByteWarnings(resources?.requests, [amount], `${path}.resources.requests`),
      ]),
      ...hiddenEnvironment(env, path),
    ]
  })
  return [...each, ...portWarnings(placed)]
}

function placedContainers(spec: PodSpec, specPath: string): Placed[] {
  const named = [
    ['initContainers', spec.initContainers],
    ['containers', spec.containers],
    ['ephemeralContainers', spec.ephemeralContainers],
  ] as const
  return named.flatMap(([field, containers = []]) =>
    containers.map((container, index) => ({ container, path: `${specPath}.${field}[${index}]` })),
  )
}

function hiddenEnvironment(env: readonly EnvVar[], path: string): string[] {
  const seen = new Set<string>()
  return env.flatMap(({ name, value = '', valueFrom }, index) => {
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    const itself = `$(${name})`
    // Whoever builds on the earlier value means to have both.
    const builds = valueFrom === undefined && value !== itself && value.includes(itself)
    return builds
      ? []
      : [
          `${path}.env[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
        ]
  })
}

/** So many ports of a pod are compared with each other: it takes the square of the time. */
const mostPorts = 512
/** More warnings than a response has room for. */
const mostWarnings = 100

interface PlacedPort {
  readonly port: ContainerPort
  readonly path: string
}

function portWarnings(placed: readonly Placed[]): string[] {
  const ports = placed.flatMap(({ container, path }) =>
    (container.ports ?? []).map((port, index): PlacedPort => ({ port, path: `${path}.ports[${index}]` })),
  )
  const warnings: string[] = []
  for (const warning of clashes(ports.slice(0, mostPorts))) {
    if (warnings.length === mostWarnings) break
    warnings.push(warning)
  }
  return warnings
}

function* clashes(ports: readonly PlacedPort[]): Generator<string, undefined> {
  const taken = new Map<string, PlacedPort[]>()
  for (const one of ports) {
    const { port, path } = one
    const key = `${port.containerPort}/${port.protocol ?? 'TCP'}`
    const others = taken.get(key) ?? []
    if ((port.hostIP ?? '') !== '' && (port.hostPort ?? 0) === 0)
      yield `${path}: hostIP set without hostPort: ${portText(port)}`
    for (const other of others) {
      const clash = clashOf(port, other.port)
      if (clash !== undefined) yield `${path}: ${clash} port definition with ${other.path}`
    }
    others.push(one)
    taken.set(key, others)
  }
}

function clashOf(port: ContainerPort, other: ContainerPort): string | undefined {
  const [ip, otherIp] = [port.hostIP ?? '', other.hostIP ?? '']
  const [number, otherNumber] = [port.hostPort ?? 0, other.hostPort ?? 0]
  if (ip === otherIp && number === otherNumber) return 'duplicate'
  if (number === 0 || otherNumber === 0) return 'overlapping'
  return number === otherNumber && (ip === '') !== (otherIp === '') ? 'dangerously ambiguous' : undefined
}

/** As Go shows a struct. */
const portText = ({ name = '', hostPort = 0, containerPort, protocol = 'TCP', hostIP = '' }: ContainerPort): string =>
  `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`

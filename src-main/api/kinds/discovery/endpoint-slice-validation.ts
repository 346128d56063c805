import { duplicate, invalid, required, tooMany, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, problemsAt } from '../../meta/field-checks.ts'
import {
  dnsLabelProblems,
  dnsSubdomainProblems,
  labelValueProblems,
  portNumberProblems,
  qualifiedNameProblems,
} from '../../meta/names.ts'
import { repeats } from '../../meta/repeats.ts'
import { endpointIpProblems, sloppyFamily, unambiguousIpProblems } from '../../meta/strict-ip.ts'
import { validateLabels } from '../../meta/validate-labels.ts'
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from '../../types/discovery-v1.ts'

const addressTypes = ['FQDN', 'IPv4', 'IPv6']
const maximumAddresses = 100
const maximumEndpoints = 1000
const maximumPorts = 20_000
const maximumTopology = 16
const zoneLabel = 'topology.kubernetes.io/zone'

/** Zones, or nodes, for which one endpoint is meant. */
const maximumHints = 8

const atMost = (path: string, count: number, maximum: number): FieldError[] =>
  count <= maximum ? [] : [tooMany(path, count, maximum)]

/** As `checkEach`, but of a list that is too long nothing else is said. */
function checkSome<T>(
  path: string,
  values: readonly T[],
  maximum: number,
  check: (value: T, path: string) => FieldError[],
): FieldError[] {
  return values.length > maximum ? atMost(path, values.length, maximum) : checkEach(path, values, check)
}

/** Checks an endpoint slice, after defaults. */
export function validateEndpointSlice({ addressType, endpoints = [], ports = [] }: EndpointSlice): FieldError[] {
  const isRepeat = repeats()
  return [
    ...checkOneOf('addressType', addressType, addressTypes),
    ...checkSome('endpoints', endpoints, maximumEndpoints, (endpoint, path) =>
      validateEndpoint(endpoint, addressType, path),
    ),
    ...checkSome('ports', ports, maximumPorts, (port, path) => validatePort(port, isRepeat(port.name ?? ''), path)),
  ]
}

function validateEndpoint(endpoint: Endpoint, addressType: string, path: string): FieldError[] {
  const { addresses = [], hostname, nodeName, hints, deprecatedTopology = {} }: Partial<Endpoint> = endpoint
  const at = `${path}.addresses`
  const topology = `${path}.deprecatedTopology`
  return [
    ...(addresses.length === 0 ? [required(at, 'must contain at least 1 address')] : []),
    ...atMost(at, addresses.length, maximumAddresses),
    ...addresses.flatMap((address, index) => validateAddress(address, addressType, `${at}[${index}]`)),
    ...(nodeName === undefined ? [] : problemsAt(`${path}.nodeName`, nodeName, dnsSubdomainProblems(nodeName))),
    ...atMost(topology, Object.keys(deprecatedTopology).length, maximumTopology),
    ...validateLabels(deprecatedTopology, topology),
    ...(Object.hasOwn(deprecatedTopology, zoneLabel) ? [keptZone(`${topology}[${zoneLabel}]`)] : []),
    ...(hostname === undefined ? [] : problemsAt(`${path}.hostname`, hostname, dnsLabelProblems(hostname))),
    ...validateHints(hints, `${path}.hints`),
  ]
}

/** The zone has a field of its own. */
const keptZone = (path: string): FieldError => ({
  type: 'InternalError',
  path,
  detail: 'reserved key was not removed in conversion',
})

/** With too many zones, nothing is said of the nodes. */
function validateHints({ forZones = [], forNodes = [] }: EndpointHints = {}, path: string): FieldError[] {
  const zones = validateHint(forZones, labelValueProblems, `${path}.forZones`)
  return forZones.length > maximumHints
    ? zones
    : [...zones, ...validateHint(forNodes, dnsSubdomainProblems, `${path}.forNodes`)]
}

function validateHint(
  hints: readonly { name: string }[],
  problemsOf: (name: string) => string[],
  path: string,
): FieldError[] {
  const isRepeat = repeats()
  return checkSome(path, hints, maximumHints, ({ name = '' }: { name?: string }, at) => [
    ...(isRepeat(name) ? [duplicate(`${at}.name`, name)] : []),
    ...problemsAt(`${at}.name`, name, problemsOf(name)),
  ])
}

/** Of a slice of an unknown type, addresses may be anything. */
function validateAddress(address: string, addressType: string, path: string): FieldError[] {
  if (addressType === 'FQDN') return validateDomain(address, path)
  if (addressType !== 'IPv4' && addressType !== 'IPv6') return []
  const problems = unambiguousIpProblems(address)
  if (problems.length > 0) return problemsAt(path, address, problems)
  const isOther = sloppyFamily(address) !== (addressType === 'IPv6' ? 6 : 4)
  return [
    ...(isOther ? [invalid(path, address, `must be an ${addressType} address`)] : []),
    ...problemsAt(path, address, endpointIpProblems(address)),
  ]
}

/** At least two labels, and perhaps a dot at the end. */
function validateDomain(text: string, path: string): FieldError[] {
  if (text === '') return [required(path)]
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  const problems = dnsSubdomainProblems(name)
  if (problems.length > 0) return [invalid(path, name, problems.join(','))]
  const labels = name.split('.')
  if (labels.length < 2) return [invalid(path, name, 'should be a domain with at least two segments separated by dots')]
  const wrong = labels.find((label) => dnsLabelProblems(label).length > 0)
  return wrong === undefined ? [] : [invalid(path, wrong, dnsLabelProblems(wrong).join(','))]
}

function validatePort(port: EndpointPort, isRepeated: boolean, path: string): FieldError[] {
  const { name = '', port: number, protocol, appProtocol } = port
  return [
    ...(name === '' ? [] : problemsAt(`${path}.name`, name, dnsLabelProblems(name))),
    ...(isRepeated ? [duplicate(`${path}.name`, name)] : []),
    ...checkOneOf(`${path}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
    ...(appProtocol === undefined
      ? []
      : problemsAt(`${path}.appProtocol`, appProtocol, qualifiedNameProblems(appProtocol))),
    // Kubernetes takes any number here, which no proxy could connect to.
    ...(number === undefined ? [] : problemsAt(`${path}.port`, number, portNumberProblems(number))),
  ]
}

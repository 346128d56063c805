import { duplicate, invalid, required, tooMany, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, problemsAt } from '../../meta/field-checks.ts'
import { ipFamily, reachableIpProblems } from '../../meta/ip.ts'
import {
  dnsLabelProblems,
  dnsSubdomainProblems,
  labelValueProblems,
  portNumberProblems,
  qualifiedNameProblems,
} from '../../meta/names.ts'
import { validateLabels } from '../../meta/validate-labels.ts'
import { repeats } from '../../meta/repeats.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../types/discovery-v1.ts'

const addressTypes = ['FQDN', 'IPv4', 'IPv6']
const maximumAddresses = 100
const maximumEndpoints = 1000
const maximumPorts = 20_000

/** Zones, or nodes, for which one endpoint is meant. */
const maximumHints = 8

const atMost = (path: string, count: number, maximum: number): FieldError[] =>
  count <= maximum ? [] : [tooMany(path, count, maximum)]

/** Checks an endpoint slice, after defaults. */
export function validateEndpointSlice({ addressType, endpoints = [], ports = [] }: EndpointSlice): FieldError[] {
  const names = new Set<string>()
  return [
    ...checkOneOf('addressType', addressType, addressTypes),
    ...atMost('endpoints', endpoints.length, maximumEndpoints),
    ...checkEach('endpoints', endpoints, (endpoint, path) => validateEndpoint(endpoint, addressType, path)),
    ...atMost('ports', ports.length, maximumPorts),
    ...checkEach('ports', ports, (port, path) => validatePort(port, names, path)),
  ]
}

function validateEndpoint(
  { addresses = [], hostname, nodeName, hints, deprecatedTopology }: Endpoint,
  addressType: string,
  path: string,
): FieldError[] {
  const at = `${path}.addresses`
  return [
    ...(addresses.length === 0 ? [required(at, 'must contain at least 1 address')] : []),
    ...atMost(at, addresses.length, maximumAddresses),
    ...addresses.flatMap((address, index) => validateAddress(address, addressType, `${at}[${index}]`)),
    ...(hostname === undefined ? [] : problemsAt(`${path}.hostname`, hostname, dnsLabelProblems(hostname))),
    ...(nodeName === undefined ? [] : problemsAt(`${path}.nodeName`, nodeName, dnsSubdomainProblems(nodeName))),
    ...validateLabels(deprecatedTopology, `${path}.deprecatedTopology`),
    ...validateHints(hints?.forZones, `${path}.hints.forZones`),
    ...validateHints(hints?.forNodes, `${path}.hints.forNodes`),
  ]
}

function validateHints(hints: readonly { name: string }[] | undefined, path: string): FieldError[] {
  const names = (hints ?? []).map(({ name }) => name)
  const isRepeat = repeats()
  return [
    ...atMost(path, names.length, maximumHints),
    ...checkEach(path, names, (name, at) => [
      ...(isRepeat(name) ? [duplicate(`${at}.name`, name)] : []),
      ...problemsAt(`${at}.name`, name, labelValueProblems(name)),
    ]),
  ]
}

function validateAddress(address: string, addressType: string, path: string): FieldError[] {
  if (addressType === 'FQDN') return problemsAt(path, address, dnsSubdomainProblems(address))
  const family = addressType === 'IPv6' ? 6 : 4
  if (ipFamily(address) !== family) return [invalid(path, address, `must be an ${addressType} address`)]
  return problemsAt(path, address, reachableIpProblems(address))
}

function validatePort(
  { name = '', port, protocol, appProtocol }: EndpointPort,
  names: Set<string>,
  path: string,
): FieldError[] {
  const errors = name === '' ? [] : problemsAt(`${path}.name`, name, dnsLabelProblems(name))
  if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
  names.add(name)
  return [
    ...errors,
    ...(port === undefined ? [] : problemsAt(`${path}.port`, port, portNumberProblems(port))),
    ...(appProtocol === undefined
      ? []
      : problemsAt(`${path}.appProtocol`, appProtocol, qualifiedNameProblems(appProtocol))),
    ...checkOneOf(`${path}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
  ]
}

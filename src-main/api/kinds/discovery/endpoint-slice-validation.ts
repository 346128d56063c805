import { duplicate, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, problemsAt } from '../../meta/field-checks.ts'
import { ipFamily } from '../../meta/ip.ts'
import { dnsLabelProblems, dnsSubdomainProblems, portNumberProblems } from '../../meta/names.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../types/discovery-v1.ts'

const addressTypes = ['FQDN', 'IPv4', 'IPv6']
const maximumAddresses = 100
const maximumEndpoints = 1000
const maximumPorts = 20_000

function tooMany(path: string, count: number, maximum: number): FieldError[] {
  if (count <= maximum) return []
  return [{ type: 'FieldValueTooMany', path, value: count, detail: `must have at most ${maximum} items` }]
}

/** Checks an endpoint slice, after defaults. */
export function validateEndpointSlice({ addressType, endpoints = [], ports = [] }: EndpointSlice): FieldError[] {
  const names = new Set<string>()
  return [
    ...checkOneOf('addressType', addressType, addressTypes),
    ...tooMany('endpoints', endpoints.length, maximumEndpoints),
    ...checkEach('endpoints', endpoints, (endpoint, path) => validateEndpoint(endpoint, addressType, path)),
    ...tooMany('ports', ports.length, maximumPorts),
    ...checkEach('ports', ports, (port, path) => validatePort(port, names, path)),
  ]
}

function validateEndpoint({ addresses = [], hostname }: Endpoint, addressType: string, path: string): FieldError[] {
  const at = `${path}.addresses`
  return [
    ...(addresses.length === 0 ? [required(at, 'must contain at least 1 address')] : []),
    ...tooMany(at, addresses.length, maximumAddresses),
    ...addresses.flatMap((address, index) => validateAddress(address, addressType, `${at}[${index}]`)),
    ...(hostname === undefined ? [] : problemsAt(`${path}.hostname`, hostname, dnsLabelProblems(hostname))),
  ]
}

function validateAddress(address: string, addressType: string, path: string): FieldError[] {
  if (addressType === 'FQDN') return problemsAt(path, address, dnsSubdomainProblems(address))
  const family = addressType === 'IPv6' ? 6 : 4
  return ipFamily(address) === family ? [] : [invalid(path, address, `must be an ${addressType} address`)]
}

function validatePort({ name = '', port, protocol }: EndpointPort, names: Set<string>, path: string): FieldError[] {
  const errors = name === '' ? [] : problemsAt(`${path}.name`, name, dnsLabelProblems(name))
  if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
  names.add(name)
  return [
    ...errors,
    ...(port === undefined ? [] : problemsAt(`${path}.port`, port, portNumberProblems(port))),
    ...checkOneOf(`${path}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
  ]
}

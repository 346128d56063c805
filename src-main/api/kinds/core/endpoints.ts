import { defineKind, type Column } from '../../define-kind.ts'
import { required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, problemsAt } from '../../meta/field-checks.ts'
import { dnsLabelProblems, dnsSubdomainProblems, portNumberProblems, qualifiedNameProblems } from '../../meta/names.ts'
import { endpointIpProblems, unambiguousIpProblems } from '../../meta/strict-ip.ts'
import type { EndpointAddress, EndpointPort, Endpoints, EndpointSubset } from '../../types/core-v1.ts'
import { ageColumn, column, firstOf, nameColumn, none } from '../table-columns.ts'

const hostPort = (ip = '', port = 0): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)

function addresses({ subsets = [] }: Endpoints): string {
  const all = subsets.flatMap(({ addresses: ready = [], ports = [] }) =>
    ports.length === 0
      ? ready.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => ready.map(({ ip }) => hostPort(ip, port))),
  )
  return all.length === 0 ? none : firstOf(all, 3)
}

const columns: readonly Column<Endpoints>[] = [nameColumn, column('Endpoints', 'string', addresses), ageColumn]

/** Of what is no address at all, Kubernetes tells twice that it is none. */
function validateAddress(address: EndpointAddress, path: string): FieldError[] {
  const { ip = '', hostname = '', nodeName }: Partial<EndpointAddress> = address
  return [
    ...problemsAt(`${path}.ip`, ip, unambiguousIpProblems(ip)),
    ...(hostname === '' ? [] : problemsAt(`${path}.hostname`, hostname, dnsLabelProblems(hostname))),
    ...(nodeName === undefined ? [] : problemsAt(`${path}.nodeName`, nodeName, dnsSubdomainProblems(nodeName))),
    ...problemsAt(`${path}.ip`, ip, endpointIpProblems(ip)),
  ]
}

function validatePort(port: EndpointPort, needsName: boolean, path: string): FieldError[] {
  const { name = '', port: number = 0, protocol, appProtocol }: Partial<EndpointPort> = port
  const nameErrors =
    name !== '' ? problemsAt(`${path}.name`, name, dnsLabelProblems(name)) : needsName ? [required(`${path}.name`)] : []
  return [
    ...nameErrors,
    ...problemsAt(`${path}.port`, number, portNumberProblems(number)),
    ...checkOneOf(`${path}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
    ...(appProtocol === undefined
      ? []
      : problemsAt(`${path}.appProtocol`, appProtocol, qualifiedNameProblems(appProtocol))),
  ]
}

function validateSubset(
  { addresses: ready = [], notReadyAddresses = [], ports = [] }: EndpointSubset,
  path: string,
): FieldError[] {
  const words = 'must specify `addresses` or `notReadyAddresses`'
  return [
    ...(ready.length + notReadyAddresses.length === 0 ? [required(path, words)] : []),
    ...checkEach(`${path}.addresses`, ready, validateAddress),
    ...checkEach(`${path}.notReadyAddresses`, notReadyAddresses, validateAddress),
    ...checkEach(`${path}.ports`, ports, (port, at) => validatePort(port, ports.length > 1, at)),
  ]
}

export const endpoints = defineKind<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  short: ['ep'],
  scope: 'Namespaced',
  updatesCreate: true,
  ownColumns: true,
  columns,
  validate: ({ subsets }) => checkEach('subsets', subsets, validateSubset),
  defaults({ subsets = [] }) {
    for (const { ports = [] } of subsets) for (const port of ports) port.protocol ??= 'TCP'
  },
})

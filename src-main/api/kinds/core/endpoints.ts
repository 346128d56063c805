import { defineKind, type Column } from '../../define-kind.ts'
import { required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, problemsAt } from '../../meta/field-checks.ts'
import { reachableIpProblems } from '../../meta/ip.ts'
import { dnsLabelProblems, dnsSubdomainProblems, portNumberProblems, qualifiedNameProblems } from '../../meta/names.ts'
import type { EndpointAddress, Endpoints } from '../../types/core-v1.ts'
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

function validateAddress({ ip, hostname = '', nodeName }: EndpointAddress, path: string): FieldError[] {
  return [
    ...problemsAt(`${path}.ip`, ip, reachableIpProblems(ip)),
    ...(hostname === '' ? [] : problemsAt(`${path}.hostname`, hostname, dnsLabelProblems(hostname))),
    ...(nodeName === undefined ? [] : problemsAt(`${path}.nodeName`, nodeName, dnsSubdomainProblems(nodeName))),
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
  validate: ({ subsets }) =>
    checkEach('subsets', subsets, ({ addresses: ready, notReadyAddresses, ports }, path) => [
      ...((ready ?? []).length + (notReadyAddresses ?? []).length === 0
        ? [required(path, 'must specify `addresses` or `notReadyAddresses`')]
        : []),
      ...checkEach(`${path}.addresses`, ready, validateAddress),
      ...checkEach(`${path}.notReadyAddresses`, notReadyAddresses, validateAddress),
      ...checkEach(`${path}.ports`, ports, ({ name = '', port, protocol, appProtocol }, at) => [
        ...(name === '' && (ports ?? []).length > 1 ? [required(`${at}.name`)] : []),
        ...(name === '' ? [] : problemsAt(`${at}.name`, name, dnsLabelProblems(name))),
        ...(appProtocol === undefined
          ? []
          : problemsAt(`${at}.appProtocol`, appProtocol, qualifiedNameProblems(appProtocol))),
        ...problemsAt(`${at}.port`, port ?? 0, portNumberProblems(port)),
        ...checkOneOf(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
      ]),
    ]),
  defaults({ subsets = [] }) {
    for (const { ports = [] } of subsets) for (const port of ports) port.protocol ??= 'TCP'
  },
})

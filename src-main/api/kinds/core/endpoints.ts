import { defineKind, type Column } from '../../define-kind.ts'
import { required } from '../../field-error.ts'
import { checkEach, checkOneOf, problemsAt } from '../../meta/field-checks.ts'
import { ipProblems } from '../../meta/ip.ts'
import { portNumberProblems } from '../../meta/names.ts'
import type { Endpoints } from '../../types/core-v1.ts'
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

export const endpoints = defineKind<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  short: ['ep'],
  scope: 'Namespaced',
  ownColumns: true,
  columns,
  validate: ({ subsets }) =>
    checkEach('subsets', subsets, ({ addresses: ready, notReadyAddresses, ports }, path) => [
      ...((ready ?? []).length + (notReadyAddresses ?? []).length === 0
        ? [required(path, 'must specify `addresses` or `notReadyAddresses`')]
        : []),
      ...checkEach(`${path}.addresses`, ready, ({ ip }, at) => problemsAt(`${at}.ip`, ip, ipProblems(ip))),
      ...checkEach(`${path}.notReadyAddresses`, notReadyAddresses, ({ ip }, at) =>
        problemsAt(`${at}.ip`, ip, ipProblems(ip)),
      ),
      ...checkEach(`${path}.ports`, ports, ({ name = '', port, protocol }, at) => [
        ...(name === '' && (ports ?? []).length > 1 ? [required(`${at}.name`)] : []),
        ...problemsAt(`${at}.port`, port ?? 0, portNumberProblems(port)),
        ...checkOneOf(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
      ]),
    ]),
  defaults({ subsets = [] }) {
    for (const { ports = [] } of subsets) for (const port of ports) port.protocol ??= 'TCP'
  },
})

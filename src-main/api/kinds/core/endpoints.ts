import { defineKind, type Column } from '../../define-kind.ts'
import type { Endpoints } from '../../types/core-v1.ts'
import { ageColumn, column, firstOf, nameColumn, none } from '../table-columns.ts'

const hostPort = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)

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
  defaults({ subsets = [] }) {
    for (const { ports = [] } of subsets) for (const port of ports) port.protocol ??= 'TCP'
  },
})

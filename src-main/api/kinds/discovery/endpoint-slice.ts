import { defineKind, type Column } from '../../define-kind.ts'
import { checkUnchanged } from '../../meta/field-checks.ts'
import type { EndpointSlice } from '../../types/discovery-v1.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, firstOf, nameColumn, unset } from '../table-columns.ts'
import { validateEndpointSlice } from './endpoint-slice-validation.ts'

function ports({ ports: all = [] }: EndpointSlice): string {
  if (all.length === 0) return unset
  return firstOf(
    all.map(({ port, name = '' }) => (port === undefined ? (name === '' ? '*' : name) : String(port))),
    3,
  )
}

function addresses({ endpoints = [] }: EndpointSlice): string {
  const all = endpoints.flatMap((endpoint) => endpoint.addresses ?? [])
  return all.length === 0 ? unset : firstOf(all, 3)
}

const columns: readonly Column<EndpointSlice>[] = [
  nameColumn,
  column('AddressType', 'string', ({ addressType }) => addressType ?? ''),
  column('Ports', 'string', ports),
  column('Endpoints', 'string', addresses),
  ageColumn,
]

export const endpointSlice = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
  ownColumns: true,
  columns,
  validate: validateEndpointSlice,
  validateUpdate: (object, previous) => checkUnchanged('addressType', object.addressType, previous.addressType),
  prepareCreate: startGeneration,
  defaults(draft) {
    for (const port of draft.ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
})

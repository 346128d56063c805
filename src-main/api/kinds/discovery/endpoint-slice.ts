import { defineKind, type Column } from '../../define-kind.ts'
import { checkUnchanged, sameValue } from '../../meta/field-checks.ts'
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

/** The first version of the API had it; in this one it is read alone. */
function dropTopology({ endpoints = [] }: EndpointSlice): void {
  for (const endpoint of endpoints) delete endpoint.deprecatedTopology
}

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
  prepareCreate(draft) {
    startGeneration(draft)
    dropTopology(draft)
  },
  prepareUpdate(draft, previous) {
    if (!sameValue(draft.endpoints, previous.endpoints)) dropTopology(draft)
  },
  defaults(draft) {
    for (const port of draft.ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
})

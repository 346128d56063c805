import { defineKind, type Column } from '../../define-kind.ts'
import { checkRequired, checkUnchanged } from '../../meta/field-checks.ts'
import type { IngressClass } from '../../types/networking-v1.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, nameColumn, none } from '../table-columns.ts'

function parameters({ spec }: IngressClass): string {
  const { parameters: reference } = spec ?? {}
  if (reference === undefined) return none
  const { apiGroup = '', kind, name } = reference
  return apiGroup === '' ? `${kind}/${name}` : `${kind}.${apiGroup}/${name}`
}

const columns: readonly Column<IngressClass>[] = [
  nameColumn,
  column('Controller', 'string', ({ spec }) => spec?.controller ?? ''),
  column('Parameters', 'string', parameters),
  ageColumn,
]

export const ingressClass = defineKind<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  ownColumns: true,
  columns,
  validate: ({ spec }) => checkRequired('spec.controller', spec?.controller),
  validateUpdate: (object, previous) =>
    checkUnchanged('spec.controller', object.spec?.controller, previous.spec?.controller),
  prepareCreate: startGeneration,
})

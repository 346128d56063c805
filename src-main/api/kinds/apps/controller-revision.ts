import { defineKind, type Column } from '../../define-kind.ts'
import { required } from '../../field-error.ts'
import { checkNotNegative, checkUnchanged } from '../../meta/field-checks.ts'
import { controllerOf } from '../../meta/owner-references.ts'
import type { ControllerRevision } from '../../types/apps-v1.ts'
import { ageColumn, column, nameColumn, none } from '../table-columns.ts'

function controllerText(revision: ControllerRevision): string {
  const controller = controllerOf(revision)
  if (controller === undefined) return none
  const [group = ''] = controller.apiVersion.includes('/') ? controller.apiVersion.split('/') : []
  const kind = controller.kind.toLowerCase()
  return `${group === '' ? kind : `${kind}.${group}`}/${controller.name}`
}

const columns: readonly Column<ControllerRevision>[] = [
  nameColumn,
  column('Controller', 'string', controllerText),
  column('Revision', 'string', ({ revision }) => revision),
  ageColumn,
]

export const controllerRevision = defineKind<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  scope: 'Namespaced',
  ownColumns: true,
  columns,
  validate: ({ data, revision }) => [
    ...(data === undefined ? [required('data', 'data is mandatory')] : []),
    ...checkNotNegative('revision', revision),
  ],
  validateUpdate: (object, previous) => checkUnchanged('data', object.data, previous.data),
})

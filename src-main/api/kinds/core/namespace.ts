import { defineKind, type Column } from '../../define-kind.ts'
import { invalid, type FieldError } from '../../field-error.ts'
import { checkEach, problemsAt } from '../../meta/field-checks.ts'
import { labelName, qualifiedNameProblems } from '../../meta/names.ts'
import type { Namespace } from '../../types/core-v1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

/** A label that says the name, so that label selectors can pick namespaces by name (KEP-2161). */
const nameLabel = 'kubernetes.io/metadata.name'

function labelWithName({ metadata }: Namespace): void {
  if (metadata?.name !== undefined && metadata.name !== '')
    metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name }
}

const bareFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

function validateFinalizer(finalizer: string, path: string): FieldError[] {
  const words = 'name is neither a standard finalizer name nor is it fully qualified'
  return [
    ...problemsAt(path, finalizer, qualifiedNameProblems(finalizer)),
    ...(finalizer.includes('/') || bareFinalizers.has(finalizer) ? [] : [invalid(path, finalizer, words)]),
  ]
}

const columns: readonly Column<Namespace>[] = [
  nameColumn,
  column('Status', 'string', ({ status }) => status?.phase ?? ''),
  ageColumn,
]

export const namespace = defineKind<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  short: ['ns'],
  scope: 'Cluster',
  subresources: { status: true },
  nameRule: labelName,
  ownColumns: true,
  columns,
  selectableFields: { 'status.phase': (object) => object.status?.phase ?? '' },
  defaults: labelWithName,
  // Of a new one, Kubernetes does not say which of them it is.
  validateNew: ({ spec }) => (spec?.finalizers ?? []).flatMap((one) => validateFinalizer(one, 'spec.finalizers')),
  validateUpdate: ({ spec }, _previous, subresource) =>
    subresource === 'finalize' ? checkEach('spec.finalizers', spec?.finalizers, validateFinalizer) : [],
  validateStatus({ metadata, status }) {
    const { phase = '' } = status ?? {}
    const going = metadata?.deletionTimestamp !== undefined
    if (going && phase !== 'Terminating')
      return [invalid('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")]
    if (!going && phase !== 'Active')
      return [invalid('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty")]
    return []
  },
  prepareCreate(draft) {
    labelWithName(draft)
    draft.status = { phase: 'Active' }
    const finalizers = draft.spec?.finalizers ?? []
    draft.spec = { ...draft.spec, finalizers: [...new Set([...finalizers, 'kubernetes'])] }
  },
  prepareUpdate(draft, previous) {
    // Finalizers of the spec go away through the `finalize` subresource alone.
    draft.spec = { ...draft.spec, finalizers: [...(previous.spec?.finalizers ?? [])] }
  },
})

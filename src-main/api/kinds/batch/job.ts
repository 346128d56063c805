import { defineKind, type Column } from '../../define-kind.ts'
import { invalid, required } from '../../field-error.ts'
import { checkUnchanged } from '../../meta/field-checks.ts'
import { labelSelectorFrom } from '../../meta/label-selector.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import type { Job } from '../../types/batch-v1.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, containerColumns, nameColumn, selectorText, wideColumn } from '../table-columns.ts'
import { defaultJobSpec, validateJobSpec } from './job-spec.ts'
import { jobCompletions, jobDuration, jobStatus } from './job-status-text.ts'

const columns: readonly Column<Job>[] = [
  nameColumn,
  column('Status', 'string', jobStatus),
  column('Completions', 'string', jobCompletions),
  column('Duration', 'string', jobDuration),
  ageColumn,
  ...containerColumns<Job>(({ spec }) => spec?.template?.spec),
  wideColumn('Selector', 'string', ({ spec }) => selectorText(spec?.selector)),
]

const uidLabel = 'batch.kubernetes.io/controller-uid'

/** A job's pods are told by its uid, so that no other job can take them for its own. */
function selectByUid({ metadata, spec }: Job): void {
  if (spec?.template === undefined || spec.manualSelector === true || metadata?.uid === undefined) return
  const { uid, name = '' } = metadata
  const labels = { [uidLabel]: uid, 'controller-uid': uid, 'batch.kubernetes.io/job-name': name, 'job-name': name }
  spec.template.metadata = {
    ...spec.template.metadata,
    labels: { ...spec.template.metadata?.labels, ...labels },
  }
  spec.selector = { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, [uidLabel]: uid } }
}

export const job = defineKind<Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { status: true },
  ownColumns: true,
  columns,
  selectableFields: { 'status.successful': (object) => String(object.status?.succeeded ?? 0) },
  defaults({ spec }) {
    if (spec !== undefined) defaultJobSpec(spec)
  },
  validate({ spec }) {
    const errors = validateJobSpec(spec, 'spec')
    if (spec?.selector === undefined) return [required('spec.selector'), ...errors]
    const selectorErrors = validateLabelSelector(spec.selector, 'spec.selector')
    const labels = spec.template?.metadata?.labels
    if (selectorErrors.length === 0 && !labelSelectorFrom(spec.selector).matches(labels)) {
      errors.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
    }
    return [...selectorErrors, ...errors]
  },
  validateUpdate({ spec }, { spec: before }) {
    // Resources, node selector and the like of a job that has not started may change (KEP-2926).
    const mayMove = before?.suspend === true
    return [
      ...(spec?.completionMode === 'Indexed'
        ? []
        : checkUnchanged('spec.completions', spec?.completions, before?.completions)),
      ...checkUnchanged('spec.selector', spec?.selector, before?.selector),
      ...(mayMove ? [] : checkUnchanged('spec.template', spec?.template, before?.template)),
      ...checkUnchanged('spec.completionMode', spec?.completionMode, before?.completionMode),
      ...checkUnchanged('spec.podFailurePolicy', spec?.podFailurePolicy, before?.podFailurePolicy),
    ]
  },
  prepareCreate(draft) {
    startGeneration(draft)
    selectByUid(draft)
    draft.status = {}
  },
})

import { defineKind, type Column } from '../../define-kind.ts'
import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkUnchanged } from '../../meta/field-checks.ts'
import { labelSelectorFrom } from '../../meta/label-selector.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import { dnsLabelProblems } from '../../meta/names.ts'
import type { Job, JobSpec } from '../../types/batch-v1.ts'
import type { LabelSelector } from '../../types/meta-v1.ts'
import { ofNewSpec } from '../../warnings/new-spec.ts'
import { jobWarnings } from '../../warnings/workload-warnings.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, containerColumns, nameColumn, selectorText, wideColumn } from '../table-columns.ts'
import { defaultJobSpec, validateJobSpec } from './job-spec.ts'
import { validateJobStatus } from './job-status.ts'
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
  // What the user wrote there stays, for validation to refuse.
  spec.template.metadata = {
    ...spec.template.metadata,
    labels: { ...labelsOf(uid, name), ...spec.template.metadata?.labels },
  }
  spec.selector = { ...spec.selector, matchLabels: { [uidLabel]: uid, ...spec.selector?.matchLabels } }
}

const labelsOf = (uid: string, name: string): Record<string, string> => ({
  'controller-uid': uid,
  [uidLabel]: uid,
  'job-name': name,
  'batch.kubernetes.io/job-name': name,
})

/** A selector that the server made must be the one that it makes, on both sides. */
function validateGenerated({ metadata, spec }: Job): FieldError[] {
  if (spec === undefined || spec.manualSelector === true || spec.selector === undefined) return []
  const { uid = '', name = '' } = metadata ?? {}
  const expected = labelsOf(uid, name)
  const labels = spec.template?.metadata?.labels
  const inOrder = ['controller-uid', 'job-name', uidLabel, 'batch.kubernetes.io/job-name']
  const errors = inOrder.flatMap((key): FieldError[] => {
    const value = expected[key] ?? ''
    const path = `spec.template.metadata.labels[${key}]`
    if (labels?.[key] === undefined) return [required(path, `must be '${value}'`)]
    return labels[key] === value ? [] : [invalid(path, labels, `must be '${value}'`)]
  })
  return selects(spec.selector, expected)
    ? errors
    : [...errors, invalid('spec.selector', spec.selector, '`selector` not auto-generated')]
}

/** A selector that cannot be read has its own errors already. */
function selects(selector: LabelSelector, labels: Readonly<Record<string, string>> | undefined): boolean {
  return validateLabelSelector(selector, '').length > 0 || labelSelectorFrom(selector).matches(labels)
}

/** The pods of an indexed job are called by its name and their index. */
function validateHostnames({ metadata, spec }: Job): FieldError[] {
  const { completions = 0, completionMode } = spec ?? {}
  if (completionMode !== 'Indexed' || completions <= 0) return []
  const { name = '' } = metadata ?? {}
  const longest = `${name}-${completions - 1}`
  const words = `will not able to create pod with invalid DNS label: ${longest}`
  return dnsLabelProblems(longest).length === 0 ? [] : [invalid('metadata.name', name, words)]
}

type Template = JobSpec['template'] | undefined

/** Of the template of a suspended job, where its pods may go and what they get is still open (KEP-2926, KEP-5440). */
function withOpenFields(before: Template, now: Template): Template {
  if (before?.spec === undefined || now?.spec === undefined) return before
  const { nodeSelector, tolerations, schedulingGates, affinity } = now.spec
  const resources = new Map(
    [...(now.spec.initContainers ?? []), ...now.spec.containers].map((one) => [one.name, one.resources]),
  )
  const open = <T extends { name: string }>(one: T): T => ({ ...one, resources: resources.get(one.name) })
  const { nodeAffinity: _old, ...rest } = before.spec.affinity ?? {}
  const nodeAffinity = affinity?.nodeAffinity
  const kept = { ...rest, ...(nodeAffinity === undefined ? {} : { nodeAffinity }) }
  return {
    metadata: { ...before.metadata, labels: now.metadata?.labels, annotations: now.metadata?.annotations },
    spec: {
      ...before.spec,
      ...{ nodeSelector, tolerations, schedulingGates },
      affinity: Object.keys(kept).length === 0 ? undefined : kept,
      containers: before.spec.containers.map(open),
      initContainers: before.spec.initContainers?.map(open),
    },
  } as Template
}

/** An indexed job may have more or fewer indexes, as many as run at once (KEP-3715). */
function validateCompletions(spec: JobSpec | undefined, before: JobSpec | undefined): FieldError[] {
  const path = 'spec.completions'
  if (spec?.completionMode !== 'Indexed') return checkUnchanged(path, spec?.completions, before?.completions)
  if (spec.completions === before?.completions || spec.completions === undefined) return []
  const words = 'can only be modified in tandem with spec.parallelism'
  return spec.completions === spec.parallelism ? [] : [invalid(path, spec.completions, words)]
}

const fixed = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const

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
    const labels = spec?.template?.metadata?.labels
    const isMatched = spec?.selector !== undefined && selects(spec.selector, labels)
    return [
      ...validateJobSpec(spec, 'spec'),
      ...(spec?.selector === undefined
        ? [required('spec.selector')]
        : validateLabelSelector(spec.selector, 'spec.selector')),
      // What is missing selects nothing.
      ...(isMatched
        ? []
        : [invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]),
    ]
  },
  validateNew: (object) => [...validateGenerated(object), ...validateHostnames(object)],
  validateUpdate({ spec }, { spec: before }) {
    const template = before?.suspend === true ? withOpenFields(before.template, spec?.template) : before?.template
    return [
      ...validateCompletions(spec, before),
      ...checkUnchanged('spec.selector', spec?.selector, before?.selector),
      ...checkUnchanged('spec.template', spec?.template, template),
      ...fixed.flatMap((field) => checkUnchanged(`spec.${field}`, spec?.[field], before?.[field])),
    ]
  },
  validateStatus: validateJobStatus,
  prepareCreate(draft) {
    startGeneration(draft)
    selectByUid(draft)
    draft.status = {}
  },
  warn: ofNewSpec(jobWarnings),
})

import { defineKind, type Column } from '../../define-kind.ts'
import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkNotNegative, checkOneOf } from '../../meta/field-checks.ts'
import { humanAge } from '../../meta/duration.ts'
import type { CronJob, CronJobSpec } from '../../types/batch-v1.ts'
import { defaultPodTemplate } from '../core/pod-spec/defaults.ts'
import { startGeneration } from '../generation.ts'
import {
  ageColumn,
  column,
  containerColumns,
  nameColumn,
  none,
  selectorText,
  unset,
  wideColumn,
} from '../table-columns.ts'
import { validateJobSpec } from './job-spec.ts'

/** Its jobs are named for it and a time, which takes eleven characters. */
const maximumNameLength = 52

const suspendText = (suspend: boolean | undefined): string =>
  suspend === undefined ? unset : suspend ? 'True' : 'False'

const columns: readonly Column<CronJob>[] = [
  nameColumn,
  column('Schedule', 'string', ({ spec }) => spec?.schedule ?? ''),
  column('Timezone', 'string', ({ spec }) => spec?.timeZone ?? none),
  column('Suspend', 'boolean', ({ spec }) => suspendText(spec?.suspend)),
  column('Active', 'integer', ({ status }) => (status?.active ?? []).length),
  column('Last Schedule', 'string', ({ status }, now) =>
    status?.lastScheduleTime === undefined ? none : humanAge(status.lastScheduleTime, now),
  ),
  ageColumn,
  ...containerColumns<CronJob>(({ spec }) => spec?.jobTemplate?.spec?.template?.spec),
  wideColumn('Selector', 'string', ({ spec }) => selectorText(spec?.jobTemplate?.spec?.selector)),
]

/** Five fields of digits, names, `*`, `,`, `-`, `/` and `?`, or a word such as `@daily`. */
function validateSchedule(schedule: string): FieldError[] {
  const path = 'spec.schedule'
  if (schedule === '') return [required(path)]
  if (/(^|\s)(TZ|CRON_TZ)=/.test(schedule)) {
    return [invalid(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')]
  }
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)$/.test(schedule)) return []
  const fields = schedule.trim().split(/\s+/)
  if (fields.length !== 5)
    return [invalid(path, schedule, `expected exactly 5 fields, found ${fields.length}: ${JSON.stringify(fields)}`)]
  const odd = fields.find((field) => !/^[\dA-Za-z*,/?-]+$/.test(field))
  return odd === undefined ? [] : [invalid(path, schedule, `failed to parse ${JSON.stringify(odd)}`)]
}

function validateSpec(spec: CronJobSpec | undefined): FieldError[] {
  if (spec === undefined) return [required('spec.schedule')]
  return [
    ...validateSchedule(spec.schedule ?? ''),
    ...checkNotNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...checkNotNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...checkNotNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
    ...checkOneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...validateJobSpec(spec.jobTemplate?.spec, 'spec.jobTemplate.spec'),
  ]
}

export const cronJob = defineKind<CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  short: ['cj'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { status: true },
  ownColumns: true,
  columns,
  defaults({ spec }) {
    if (spec === undefined) return
    spec.concurrencyPolicy ??= 'Allow'
    spec.suspend ??= false
    spec.successfulJobsHistoryLimit ??= 3
    spec.failedJobsHistoryLimit ??= 1
    // The defaults of a job's own fields come when the job is made.
    defaultPodTemplate(spec.jobTemplate?.spec?.template)
  },
  validate({ metadata, spec }) {
    const { name = '' } = metadata ?? {}
    const words = 'must be no more than 52 characters'
    return [...(name.length > maximumNameLength ? [invalid('metadata.name', name, words)] : []), ...validateSpec(spec)]
  },
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = {}
  },
})

import { defineKind, type Column } from '../../define-kind.ts'
import { invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkNotNegative, checkOneOf } from '../../meta/field-checks.ts'
import { humanAge } from '../../meta/duration.ts'
import type { CronJob, CronJobSpec } from '../../types/batch-v1.ts'
import { cronJobWarnings } from '../../warnings/workload-warnings.ts'
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
import { parseSchedule, ScheduleError, timeZone } from './schedule.ts'

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

/** A zone in the schedule itself is let be where it was before. */
function validateSchedule({ schedule = '', timeZone: zone }: Partial<CronJobSpec>, before: string): FieldError[] {
  const path = 'spec.schedule'
  if (schedule === '') return [required(path)]
  const hasZone = schedule.includes('TZ')
  const refuse = (words: string): FieldError[] => [invalid(path, schedule, words)]
  if (!hasZone) return problemOf(() => parseSchedule(schedule)).flatMap(refuse)
  if (!before.includes('TZ')) return refuse('cannot use TZ or CRON_TZ in schedule, use timeZone field instead')
  return zone === undefined ? [] : refuse('cannot use both timeZone field and TZ or CRON_TZ in schedule')
}

const zonePart = /^(?!-)[A-Za-z._0-9+-]{1,14}$/

function validateTimeZone(zone: string | undefined): FieldError[] {
  const path = 'spec.timeZone'
  if (zone === undefined) return []
  if (zone === '') return [invalid(path, zone, 'timeZone must be nil or non-empty string')]
  if (zone.split('/').some((part) => part === '.' || part === '..' || !zonePart.test(part)))
    return [invalid(path, zone, `unknown time zone ${zone}`)]
  if (zone.toLowerCase() === 'local') {
    const words = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
    return [invalid(path, zone, words)]
  }
  return problemOf(() => timeZone(zone)).map((problem) => invalid(path, zone, problem))
}

/** What is wrong with a schedule or a time zone that `read` reads; nothing, or one thing. */
function problemOf(read: () => unknown): string[] {
  try {
    read()
    return []
  } catch (error) {
    if (error instanceof ScheduleError) return [error.message]
    throw error
  }
}

/** `before`: the spec that is stored, of an update. */
function validateSpec(spec: CronJobSpec | undefined, before?: CronJobSpec): FieldError[] {
  const job = spec?.jobTemplate?.spec
  const path = 'spec.jobTemplate.spec'
  return [
    ...validateSchedule(spec ?? {}, before?.schedule ?? ''),
    ...checkNotNegative('spec.startingDeadlineSeconds', spec?.startingDeadlineSeconds),
    ...(before !== undefined && before.timeZone === spec?.timeZone ? [] : validateTimeZone(spec?.timeZone)),
    ...checkOneOf('spec.concurrencyPolicy', spec?.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...validateJobSpec(job, path),
    ...(job?.selector === undefined
      ? []
      : [invalid(`${path}.selector`, job.selector, '`selector` will be auto-generated')]),
    ...(job?.manualSelector === true ? [notSupported(`${path}.manualSelector`, true, ['nil', 'false'])] : []),
    ...checkNotNegative('spec.successfulJobsHistoryLimit', spec?.successfulJobsHistoryLimit),
    ...checkNotNegative('spec.failedJobsHistoryLimit', spec?.failedJobsHistoryLimit),
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
  validateNew({ metadata, spec }) {
    const { name = '' } = metadata ?? {}
    const errors = validateSpec(spec)
    return name.length > maximumNameLength
      ? [...errors, invalid('metadata.name', name, 'must be no more than 52 characters')]
      : errors
  },
  validateUpdate: ({ spec }, previous) => validateSpec(spec, previous.spec),
  validateStatus: () => [],
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = {}
  },
  warn: cronJobWarnings,
})

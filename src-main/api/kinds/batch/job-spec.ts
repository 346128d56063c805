/** What holds for the spec of a job and for that of a cron job's template. */
import { invalid, notSupported, required, tooLong, type FieldError } from '../../field-error.ts'
import { checkDomainPath, checkNotNegative, checkOptionalOneOf } from '../../meta/field-checks.ts'
import type { JobSpec } from '../../types/batch-v1.ts'
import { defaultPodTemplate } from '../core/pod-spec/defaults.ts'
import { validatePodTemplate } from '../core/pod-spec/validate.ts'
import { validateFailurePolicy } from './failure-policy.ts'
import { validateSuccessPolicy } from './success-policy.ts'

const endlessRetries = 2_147_483_647

export function defaultJobSpec(draft: JobSpec): void {
  if (draft.completions === undefined && draft.parallelism === undefined) draft.completions = 1
  draft.parallelism ??= 1
  draft.backoffLimit ??= draft.backoffLimitPerIndex === undefined ? 6 : endlessRetries
  draft.completionMode ??= 'NonIndexed'
  draft.suspend ??= false
  draft.podReplacementPolicy ??= draft.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'
  draft.manualSelector ??= false
  for (const rule of draft.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ??= 'True'
  }
  defaultPodTemplate(draft.template)
}

/** More indexes, or more of them at once, than a job's status can keep account of. */
const mostIndexes = 100_000
/** Of a job with more indexes than `mostIndexes` and retries for each. */
const mostOfMany = 10_000
const longestManager = 63

/** Checks the spec of a job, or of the template of one; its selector is the caller's matter. */
export function validateJobSpec(spec: Partial<JobSpec> | undefined, path: string): FieldError[] {
  const counts = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const
  const { managedBy, podFailurePolicy, successPolicy, maxFailedIndexes, backoffLimitPerIndex } = spec ?? {}
  return [
    ...counts.flatMap((field) => checkNotNegative(`${path}.${field}`, spec?.[field])),
    ...(maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined
      ? [required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')]
      : []),
    ...(managedBy === undefined ? [] : validateManager(managedBy, `${path}.managedBy`)),
    ...validateIndexes(spec ?? {}, path),
    ...(podFailurePolicy === undefined ? [] : validateFailurePolicy(spec ?? {}, `${path}.podFailurePolicy`)),
    ...(successPolicy === undefined ? [] : validateSuccessPolicy(spec ?? {}, `${path}.successPolicy`)),
    ...validateReplacement(spec ?? {}, `${path}.podReplacementPolicy`),
    ...validatePodTemplate(spec?.template, `${path}.template`),
    ...validateRestarts(spec ?? {}, `${path}.template.spec.restartPolicy`),
  ]
}

function validateManager(managedBy: string, path: string): FieldError[] {
  const errors = checkDomainPath(path, managedBy)
  return managedBy.length > longestManager ? [...errors, tooLong(path, longestManager)] : errors
}

function validateIndexes(spec: Partial<JobSpec>, path: string): FieldError[] {
  const { completionMode, completions, parallelism = 0, backoffLimitPerIndex: perIndex, maxFailedIndexes: most } = spec
  const errors = checkOptionalOneOf(`${path}.completionMode`, completionMode, ['NonIndexed', 'Indexed'])
  if (completionMode !== 'Indexed') {
    if (errors.length > 0) return errors
    const given = (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).filter((field) => spec[field] !== undefined)
    return [
      ...errors,
      ...given.map((field) => invalid(`${path}.${field}`, spec[field], 'requires indexed completion mode')),
    ]
  }
  if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
  const atMost = (field: 'parallelism' | 'maxFailedIndexes', maximum: number, when = ''): void => {
    const words = `must be less than or equal to ${maximum}${when}`
    if ((spec[field] ?? 0) > maximum) errors.push(invalid(`${path}.${field}`, spec[field], words))
  }
  atMost('parallelism', mostIndexes, ' when completion mode is Indexed')
  if (completions !== undefined && (most ?? 0) > completions)
    errors.push(invalid(`${path}.maxFailedIndexes`, most, 'must be less than or equal to completions'))
  atMost('maxFailedIndexes', mostIndexes)
  if (perIndex === undefined || (completions ?? 0) <= mostIndexes) return errors
  if (most === undefined)
    errors.push(required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${mostIndexes}`))
  const when = ` when completions are above ${mostIndexes} and used with backoff limit per index`
  if (parallelism > mostOfMany) atMost('parallelism', mostOfMany, when)
  atMost('maxFailedIndexes', mostOfMany, when)
  return errors
}

/** A job whose failures are judged needs to see them, so it replaces pods only once they have failed. */
function validateReplacement(
  { podReplacementPolicy: policy, podFailurePolicy }: Partial<JobSpec>,
  path: string,
): FieldError[] {
  const supported = podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed']
  return checkOptionalOneOf(path, policy, supported)
}

function validateRestarts({ template, podFailurePolicy }: Partial<JobSpec>, path: string): FieldError[] {
  const policy = template?.spec?.restartPolicy ?? 'Always'
  if (policy === 'Always') return [required(path, 'valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(path, policy, ['OnFailure', 'Never'])]
  const words = 'only "Never" is supported when podFailurePolicy is specified'
  return podFailurePolicy !== undefined && policy !== 'Never' ? [invalid(path, policy, words)] : []
}

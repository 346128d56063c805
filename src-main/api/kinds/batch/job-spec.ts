/** What holds for the spec of a job and for that of a cron job's template. */
import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkNotNegative, checkOptionalOneOf } from '../../meta/field-checks.ts'
import type { JobSpec } from '../../types/batch-v1.ts'
import { defaultPodTemplate } from '../core/pod-spec/defaults.ts'
import { validatePodTemplate } from '../core/pod-spec/validate.ts'

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

export function validateJobSpec(spec: JobSpec | undefined, path: string): FieldError[] {
  if (spec === undefined) return [required(`${path}.template`)]
  const counts = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
    'ttlSecondsAfterFinished',
  ] as const
  const policy = spec.template?.spec?.restartPolicy
  const errors = counts.flatMap((field) => checkNotNegative(`${path}.${field}`, spec[field]))
  if (spec.completionMode === 'Indexed' && spec.completions === undefined) {
    errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
  }
  if (spec.template !== undefined && policy !== 'OnFailure' && policy !== 'Never') {
    const at = `${path}.template.spec.restartPolicy`
    errors.push(policy === undefined ? required(at) : notSupported(at, policy, ['OnFailure', 'Never']))
  }
  if (spec.podFailurePolicy !== undefined && policy !== 'Never') {
    const words = 'only "Never" is supported when podFailurePolicy is specified'
    errors.push(invalid(`${path}.template.spec.restartPolicy`, policy, words))
  }
  return [
    ...errors,
    ...checkOptionalOneOf(`${path}.completionMode`, spec.completionMode, ['Indexed', 'NonIndexed']),
    ...validatePodTemplate(spec.template, `${path}.template`),
    ...(spec.backoffLimitPerIndex !== undefined && spec.completionMode !== 'Indexed'
      ? [forbidden(`${path}.backoffLimitPerIndex`, 'requires indexed completion mode')]
      : []),
  ]
}

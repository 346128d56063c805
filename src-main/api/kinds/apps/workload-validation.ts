/** What kinds that make pods from a template share. */
import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkNotNegative } from '../../meta/field-checks.ts'
import { labelSelectorFrom, SelectorError } from '../../meta/label-selector.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import type { PodTemplateSpec } from '../../types/core-v1.ts'
import type { LabelSelector } from '../../types/meta-v1.ts'
import type { IntOrString } from '../../types/scalars.ts'
import { validatePodTemplate } from '../core/pod-spec/validate.ts'

interface Workload {
  readonly selector?: LabelSelector
  readonly template?: PodTemplateSpec
}

/** What errors call a workload: of whose selector they speak, and in whose template. */
interface WorkloadWords {
  readonly selectorOf: string
  readonly templateOf: string
  /** Whether a missing selector is an error of its own; if not, it is one that selects nothing. */
  readonly selectorOptional?: true
  /** What is said, beside its faults, of a selector that cannot be read: the template is not looked at then. */
  readonly unreadable?: string
}

/**
 * A selector that says something and that the template's own labels match. A template that is missing counts as an
 * empty one. `claims` are the claims that each pod gets besides the volumes of the template.
 */
export function validateWorkload(
  { selector, template }: Workload,
  { selectorOf, templateOf, selectorOptional, unreadable }: WorkloadWords,
  claims: readonly string[] = [],
): FieldError[] {
  const path = 'spec.selector'
  const errors: FieldError[] =
    selector === undefined && selectorOptional !== true ? [required(path)] : validateLabelSelector(selector, path)
  const terms = Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length
  if (selector !== undefined && terms === 0) {
    errors.push(invalid(path, selector, `empty selector is invalid for ${selectorOf}`))
  }
  const labels = template?.metadata?.labels
  if (unreadable !== undefined && !isReadable(selector)) return [...errors, invalid(path, selector, unreadable)]
  if ((selector === undefined || terms > 0) && !matches(selector, labels)) {
    errors.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
  }
  return [
    ...errors,
    ...validatePodTemplate(template, 'spec.template', claims),
    ...validateEndless(template?.spec, templateOf),
  ]
}

function isReadable(selector: LabelSelector | undefined): boolean {
  try {
    labelSelectorFrom(selector)
    return true
  } catch (error) {
    if (error instanceof SelectorError) return false
    throw error
  }
}

/** A selector that cannot be read has its own errors already. */
function matches(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> | undefined): boolean {
  return !isReadable(selector) || labelSelectorFrom(selector).matches(labels)
}

/** Pods of such workloads are replaced, so they may not end by themselves. */
export function validateEndless(spec: PodTemplateSpec['spec'], templateOf: string): FieldError[] {
  const errors: FieldError[] = []
  const policy = spec?.restartPolicy
  if (policy !== undefined && policy !== 'Always') {
    errors.push(notSupported('spec.template.spec.restartPolicy', policy, ['Always']))
  }
  if (spec?.activeDeadlineSeconds !== undefined) {
    errors.push(
      forbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${templateOf} is not Supported`),
    )
  }
  return errors
}

interface Counted {
  readonly replicas?: number
  readonly minReadySeconds?: number
  readonly revisionHistoryLimit?: number
}

/** In the order in which Kubernetes looks at them, which differs from kind to kind. */
export const checkCounts = (spec: Counted, fields: readonly (keyof Counted)[]): FieldError[] =>
  fields.flatMap((field) => checkNotNegative(`spec.${field}`, spec[field]))

/** A count, or a share such as `25%`. */
export function validateShare(path: string, value: IntOrString | undefined): FieldError[] {
  if (typeof value === 'number') return checkNotNegative(path, value)
  if (value === undefined || /^\d+%$/.test(value)) return []
  const words = "a valid percent string must be a numeric string followed by an ending '%'"
  return [invalid(path, value, `${words} (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`)]
}

/** Errors for a share of more than everything. */
export function validateAtMostAll(path: string, value: IntOrString | undefined): FieldError[] {
  const percent = typeof value === 'string' ? Number(/^(\d+)%$/.exec(value)?.[1] ?? 0) : 0
  return percent > 100 ? [invalid(path, value, 'must not be greater than 100%')] : []
}

export const isZeroShare = (value: IntOrString | undefined): boolean => value === 0 || /^0+%$/.test(String(value))

import { invalid, required, tooLong, type FieldError } from '../field-error.ts'
import type { LabelSelector, LabelSelectorRequirement } from '../types/meta-v1.ts'
import { checkEach, problemsAt } from './field-checks.ts'
import { labelValueProblems, qualifiedNameProblems } from './names.ts'

const maximumAnnotationBytes = 256 * 1024

export const checkLabelKey = (path: string, key: string): FieldError[] =>
  problemsAt(path, key, qualifiedNameProblems(key))

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...checkLabelKey(path, key),
    ...problemsAt(path, value, labelValueProblems(value)),
  ])
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  const entries = Object.entries(annotations ?? {})
  const errors = entries.flatMap(([key]) => problemsAt(path, key, qualifiedNameProblems(key.toLowerCase())))
  return annotationBytes(entries) > maximumAnnotationBytes ? [...errors, tooLong(path, maximumAnnotationBytes)] : errors
}

/** Exact only where it may be too much: a character is at most three bytes. */
function annotationBytes(entries: readonly (readonly [string, string])[]): number {
  const characters = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  if (3 * characters <= maximumAnnotationBytes) return characters
  const encoder = new TextEncoder()
  return entries.reduce((sum, [key, value]) => sum + key.length + encoder.encode(value).length, 0)
}

/** The selector of an object's spec. An absent one is the caller's matter. */
export function validateLabelSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  return [
    ...validateLabels(selector?.matchLabels, `${path}.matchLabels`),
    ...checkEach(`${path}.matchExpressions`, selector?.matchExpressions, validateExpression),
  ]
}

function validateExpression(
  { key = '', operator = '', values = [] }: LabelSelectorRequirement,
  path: string,
): FieldError[] {
  return [
    ...expressionValues(operator, values, path),
    ...checkLabelKey(`${path}.key`, key),
    ...checkEach(`${path}.values`, values, (value, at) => problemsAt(at, value, labelValueProblems(value))),
  ]
}

function expressionValues(operator: string, values: readonly string[], path: string): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [
            {
              type: 'FieldValueForbidden',
              path: `${path}.values`,
              detail: "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            },
          ]
    default:
      return [invalid(`${path}.operator`, operator, 'not a valid selector operator')]
  }
}

/** A whole object within a custom object must say what it is, and be named as objects are. */
import { invalid, required, type FieldError } from '../field-error.ts'
import { dnsSubdomainProblems } from '../meta/names.ts'
import { validateAnnotations, validateLabels } from '../meta/validate-labels.ts'
import type { ObjectMeta } from '../types/meta-v1.ts'
import { childPath } from './paths.ts'

export function embeddedErrors(fields: Record<string, unknown>, path: string): FieldError[] {
  const { apiVersion, kind, metadata } = fields
  const meta = (typeof metadata === 'object' && metadata !== null ? metadata : {}) as ObjectMeta
  const at = childPath(path, 'metadata')
  return [
    ...textErrors(childPath(path, 'apiVersion'), apiVersion),
    ...textErrors(childPath(path, 'kind'), kind),
    ...(meta.name === undefined || meta.name === ''
      ? []
      : dnsSubdomainProblems(meta.name).map((problem) => invalid(`${at}.name`, meta.name, problem))),
    ...validateLabels(meta.labels, `${at}.labels`),
    ...validateAnnotations(meta.annotations, `${at}.annotations`),
  ]
}

function textErrors(path: string, value: unknown): FieldError[] {
  if (value === undefined || value === '') return [required(path, 'must not be empty')]
  return typeof value === 'string' ? [] : [invalid(path, value, 'must be a string')]
}

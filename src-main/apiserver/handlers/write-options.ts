/** What a client says of a write in its query, checked before the body is looked at. */
import { invalidObject } from '../../api/errors.ts'
import { forbidden, invalid, notSupported, required, tooLong, type FieldError } from '../../api/field-error.ts'
import type { Operation } from '../operation.ts'
import type { FieldValidation } from '../registry/schema-steps.ts'

export interface WriteOptions {
  readonly dryRun: boolean
  readonly validation: FieldValidation
}

const managerLimitBytes = 128
const validations: readonly FieldValidation[] = ['Ignore', 'Strict', 'Warn']

/** Throws `Invalid` for what cannot be meant. `applies`: of a server-side apply, which has an owner and may be forced. */
export function writeOptionsOf({ request, verb }: Operation, applies = false): WriteOptions {
  const { query } = request
  const manager = query.get('fieldManager') ?? ''
  const dryRun = query.getAll('dryRun')
  const validation = query.get('fieldValidation') ?? ''
  const known = validations.find((one) => one === validation)
  const errors = [
    ...(applies && manager === '' ? [required('fieldManager', 'is required for apply patch')] : []),
    ...(verb === 'patch' && !applies && query.has('force')
      ? [forbidden('force', 'may not be specified for non-apply patch')]
      : []),
    ...managerErrors(manager),
    ...dryRunErrors(dryRun),
    ...(validation !== '' && known === undefined
      ? [notSupported('fieldValidation', validation, ['', ...validations])]
      : []),
  ]
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: optionsKind(verb) }, '', errors)
  return { dryRun: isDryRun(dryRun), validation: known ?? 'Warn' }
}

const optionsKind = (verb: Operation['verb']): string =>
  verb === 'create' ? 'CreateOptions' : verb === 'patch' ? 'PatchOptions' : 'UpdateOptions'

function managerErrors(manager: string): FieldError[] {
  const long = Buffer.byteLength(manager) > managerLimitBytes ? [tooLong('fieldManager', managerLimitBytes)] : []
  const unprintable = [...manager].flatMap((character, position) =>
    /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)
      ? []
      : [invalid('fieldManager', manager, `invalid character ${codePoint(character)} (at position ${position})`)],
  )
  return [...long, ...unprintable]
}

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

/** `All` is the one kind of dry run that there is. */
export const dryRunErrors = (values: readonly unknown[]): FieldError[] =>
  values.some((value) => value !== 'All' && value !== '') ? [notSupported('dryRun', values, ['All'])] : []

export const isDryRun = (values: readonly unknown[]): boolean => values.includes('All')

/** What the schema says about an object: its fields are known and of the right type, and defaults are filled in. */
import type { CustomKind } from '../../api/custom/custom-kinds.ts'
import { pruneObject } from '../../api/custom/prune-object.ts'
import type { Kind } from '../../api/define-kind.ts'
import { invalidObject, StatusError } from '../../api/errors.ts'
import { invalid } from '../../api/field-error.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import {
  cannotBeHandled,
  checkFields,
  strictDecodingError,
  strictErrorText,
  unknownFieldText,
} from '../../api/schema/check-fields.ts'
import { duplicateFieldText } from '../../api/schema/duplicate-fields.ts'
import { applyDeclaredDefaults } from '../../api/schema/defaults.ts'
import { dropZeroValues } from '../../api/schema/drop-zero-values.ts'
import { prune } from '../../api/schema/prune.ts'
import { schemaOf } from '../../api/schema/schema.ts'
import { noProblems, type TextProblems } from '../filters/text-problems.ts'

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

interface Named {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly custom?: CustomKind
}

/**
 * The object with nothing in it but what its kind knows. Throws for a value of the wrong type, and for unknown fields
 * under `Strict`; `Warn` tells the client of them. `more` are problems that only the body's text shows.
 */
export function checkAgainstSchema(
  kind: Named,
  object: DynamicObject,
  validation: FieldValidation,
  warn: (text: string) => void,
  more: () => TextProblems = () => noProblems,
): DynamicObject {
  if (kind.custom !== undefined) return checkCustom(kind, kind.custom, object, validation, warn, more)
  const schema = schemaOf(kind)
  if (schema === undefined) return object
  const { unknown, mismatches } = checkFields(object, schema)
  const [mismatch] = mismatches
  if (mismatch !== undefined) throw cannotBeHandled(kind, mismatch.message)
  tell(kind, unknown, validation, warn, more)
  return prune(object, schema)
}

/** Custom objects are decoded as they are; what their values must be, validation says. */
function checkCustom(
  kind: Named,
  { schema }: CustomKind,
  object: DynamicObject,
  validation: FieldValidation,
  warn: (text: string) => void,
  more: () => TextProblems,
): DynamicObject {
  const pruned = pruneObject(object, schema)
  if (pruned.mismatch !== undefined) throw cannotBeHandled(kind, pruned.mismatch)
  tell(kind, pruned.unknown, validation, warn, more)
  return pruned.object
}

function tell(
  kind: Named,
  unknown: readonly string[],
  validation: FieldValidation,
  warn: (text: string) => void,
  more: () => TextProblems,
): void {
  if (validation === 'Ignore') return
  const texts = unknown.map(unknownFieldText)
  const { warnings, errors } = kind.custom === undefined ? without(more(), unknown) : more()
  if (validation === 'Strict' && errors.length + texts.length > 0)
    throw strictDecodingError(kind, [...errors, ...texts])
  for (const text of [...warnings, ...texts]) warn(text)
}

/** A field that nobody knows is not also one that is there twice. */
function without({ warnings, errors }: TextProblems, unknown: readonly string[]): TextProblems {
  if (unknown.length === 0) return { warnings, errors }
  const said = new Set(unknown.map(duplicateFieldText))
  const unsaid = (text: string): boolean => !said.has(text)
  return { warnings: warnings.filter(unsaid), errors: errors.filter(unsaid) }
}

/** Takes out what says nothing, and fills in what the client left out. */
export function applyDefaults(kind: Kind, draft: DynamicObject): void {
  const schema = kind.custom === undefined ? schemaOf(kind) : undefined
  if (schema !== undefined) {
    dropZeroValues(draft, schema)
    applyDeclaredDefaults(draft, schema)
  }
  kind.defaults?.(draft)
}

/** What a patch is like for the words of its errors. */
export interface PatchText {
  readonly problems: TextProblems
  /** The patch itself. */
  readonly text: string
  /** The text that an error about the result shows. */
  readonly shown: (patched: DynamicObject) => string
}

/** The result of a patch must be an object that the kind can hold. */
export function checkPatched(
  kind: Named,
  object: DynamicObject,
  validation: FieldValidation,
  warn: (text: string) => void,
  { problems, text, shown }: PatchText,
): DynamicObject {
  const refused = (value: string, reason: string): StatusError =>
    invalidObject({ group: '', kind: '' }, '', [invalid('patch', value, reason)])
  const fault = (error: StatusError): StatusError =>
    refused(shown(object), error.message.replace(/^.*? cannot be handled as a \S+: /, ''))
  let checked: DynamicObject
  try {
    checked = checkAgainstSchema(kind, object, validation, warn, () => problems)
  } catch (error) {
    if (!(error instanceof StatusError) || error.reason !== 'BadRequest') throw error
    const onlyText = error.message.endsWith(strictErrorText(problems.errors))
    throw problems.errors.length > 0 && onlyText ? refused(text, strictErrorText(problems.errors)) : fault(error)
  }
  return checked
}

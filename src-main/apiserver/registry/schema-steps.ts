/** What the schema says about an object: its fields are known and of the right type, and defaults are filled in. */
import type { CustomKind } from '../../api/custom/custom-kinds.ts'
import { pruneObject } from '../../api/custom/prune-object.ts'
import type { Kind } from '../../api/define-kind.ts'
import { badRequest, StatusError } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { cannotBeHandled, checkFields, strictDecodingError, unknownFieldText } from '../../api/schema/check-fields.ts'
import { applyDeclaredDefaults } from '../../api/schema/defaults.ts'
import { prune } from '../../api/schema/prune.ts'
import { schemaOf } from '../../api/schema/schema.ts'

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

export function fieldValidationOf(query: URLSearchParams): FieldValidation {
  const wanted = query.get('fieldValidation') ?? ''
  if (wanted === '') return 'Warn'
  if (wanted === 'Strict' || wanted === 'Warn' || wanted === 'Ignore') return wanted
  throw badRequest(`fieldValidation: Unsupported value: ${JSON.stringify(wanted)}`)
}

interface Named {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly custom?: CustomKind
}

/**
 * The object with nothing in it but what its kind knows. Throws for a value of the wrong type, and for unknown fields
 * under `Strict`; `Warn` tells the client of them. `more` are problems that only the body's text shows, such as a
 * field that is written twice.
 */
export function checkAgainstSchema(
  kind: Named,
  object: DynamicObject,
  validation: FieldValidation,
  warn: (text: string) => void,
  more: () => readonly string[] = () => [],
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
  more: () => readonly string[],
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
  more: () => readonly string[],
): void {
  if (validation === 'Ignore') return
  const texts = [...more(), ...unknown.map(unknownFieldText)]
  if (texts.length > 0 && validation === 'Strict') throw strictDecodingError(kind, texts)
  for (const text of texts) warn(text)
}

/** Fills in what the client left out. */
export function applyDefaults(kind: Kind, draft: DynamicObject): void {
  const schema = kind.custom === undefined ? schemaOf(kind) : undefined
  if (schema !== undefined) applyDeclaredDefaults(draft, schema)
  kind.defaults?.(draft)
}

/** The result of a patch must be an object that the kind can hold. */
export function checkPatched(
  kind: Named,
  object: DynamicObject,
  validation: FieldValidation,
  warn: (text: string) => void,
): DynamicObject {
  try {
    return checkAgainstSchema(kind, object, validation, warn)
  } catch (error) {
    if (!(error instanceof StatusError) || error.reason !== 'BadRequest') throw error
    throw new StatusError(422, 'Invalid', error.message, error.details)
  }
}

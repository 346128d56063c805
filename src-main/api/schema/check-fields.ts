import { badRequest, type StatusError } from '../errors.ts'
import { fitsScalar, mismatchText } from './type-mismatch.ts'
import type { ObjectSchema, TypeSchema } from './type-schema.ts'

/** A value that the field's type cannot hold. */
export interface TypeMismatch {
  /** For example `spec.template.spec.containers[0].ports[0].containerPort`. */
  readonly path: string
  /** What the API server says about it, in Go's words, for clients show them. */
  readonly message: string
}

export interface FieldCheck {
  /** Paths of fields that the schema does not know, such as `spec.containers[0].imge`, in the order of the document. */
  readonly unknown: readonly string[]
  readonly mismatches: readonly TypeMismatch[]
}

/** More would only make the answer longer. */
const maximumProblems = 100
/** Of names and list indexes in a path: far above any real object, far below the end of the stack. */
const maximumDepth = 1000
const clean: FieldCheck = Object.freeze({ unknown: Object.freeze([]), mismatches: Object.freeze([]) })

/** Compares a decoded JSON value with a schema. Changes nothing; allocates nothing when all is well. */
export function checkFields(value: unknown, schema: ObjectSchema): FieldCheck {
  const walk = new Walk()
  walk.check(value, schema, undefined)
  return walk.unknown.length === 0 && walk.mismatches.length === 0
    ? clean
    : { unknown: walk.unknown, mismatches: walk.mismatches }
}

/** The words of strict field validation, which also serve as warnings: `unknown field "spec.foo"`. */
export function unknownFieldText(path: string): string {
  return `unknown field ${JSON.stringify(path)}`
}

/** The error of a body that does not decode as its kind; `reason` is a mismatch's message or the strict errors. */
export function cannotBeHandled(
  kind: { readonly kind: string; readonly version: string },
  reason: string,
): StatusError {
  return badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${reason}`)
}

export const strictErrorText = (texts: readonly string[]): string => `strict decoding error: ${texts.join(', ')}`

/** The error of strict field validation for one or more texts of `unknownFieldText` or `duplicateFields`. */
export function strictDecodingError(
  kind: { readonly kind: string; readonly version: string },
  texts: readonly string[],
): StatusError {
  return cannotBeHandled(kind, strictErrorText(texts))
}

/** The path as a client sees it: `.` before names, list indexes in brackets. */
export function pathText(path: readonly (string | number)[]): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else text += text === '' ? part : `.${part}`
  }
  return text
}

class Walk {
  readonly unknown: string[] = []
  readonly mismatches: TypeMismatch[] = []
  readonly #path: (string | number)[] = []

  /** `owner` is the innermost object type around the value: Go names it in its errors. */
  check(value: unknown, type: TypeSchema, owner: ObjectSchema | undefined): void {
    if (value === null || value === undefined) return
    if (this.#path.length > maximumDepth) {
      // Whatever lies deeper is refused with it, so one report is enough.
      if (this.mismatches.length === 0)
        this.mismatches.push({ path: String(this.#path[0]), message: 'exceeded max depth' })
      return
    }
    switch (type.type) {
      case 'string':
        if (typeof value !== 'string') this.#mismatch(value, type, owner)
        return
      case 'object':
        if (typeof value !== 'object' || Array.isArray(value)) this.#mismatch(value, type, owner)
        else this.#checkObject(value as Record<string, unknown>, type)
        return
      case 'array':
        if (!Array.isArray(value)) this.#mismatch(value, type, owner)
        else this.#checkItems(value, type.items, owner)
        return
      case 'map':
        if (typeof value !== 'object' || Array.isArray(value)) this.#mismatch(value, type, owner)
        else this.#checkValues(value as Record<string, unknown>, type.values, owner)
        return
      case 'any':
        return
      default:
        if (!fitsScalar(value, type)) this.#mismatch(value, type, owner)
    }
  }

  #checkObject(value: Record<string, unknown>, type: ObjectSchema): void {
    for (const name in value) {
      const field = type.fields.get(name)
      this.#path.push(name)
      if (field !== undefined) this.check(value[name], field.type, type)
      else if (!type.preserveUnknownFields && this.unknown.length < maximumProblems) {
        this.unknown.push(pathText(this.#path))
      }
      this.#path.pop()
    }
  }

  #checkItems(values: readonly unknown[], items: TypeSchema, owner: ObjectSchema | undefined): void {
    for (let index = 0; index < values.length; index++) {
      this.#path.push(index)
      this.check(values[index], items, owner)
      this.#path.pop()
    }
  }

  #checkValues(values: Record<string, unknown>, type: TypeSchema, owner: ObjectSchema | undefined): void {
    for (const name in values) {
      this.#path.push(name)
      this.check(values[name], type, owner)
      this.#path.pop()
    }
  }

  #mismatch(value: unknown, type: TypeSchema, owner: ObjectSchema | undefined): void {
    if (this.mismatches.length >= maximumProblems) return
    const path = pathText(this.#path)
    this.mismatches.push({ path, message: mismatchText(value, type, owner, this.#path, path) })
  }
}

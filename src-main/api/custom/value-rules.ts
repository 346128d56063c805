import type { LinearRegex } from '../../lib/re2/regex.ts'
import type { StructuralSchema } from './structural-schema.ts'

/** The JSON schema words that restrict a value beyond its type. */
export interface ValueRules {
  readonly enum?: EnumRule
  readonly pattern?: { readonly source: string; readonly expression: () => LinearRegex }
  readonly format?: string
  readonly minimum?: number
  readonly exclusiveMinimum: boolean
  readonly maximum?: number
  readonly exclusiveMaximum: boolean
  readonly multipleOf?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly required: readonly string[]
  readonly allOf: readonly StructuralSchema[]
  readonly anyOf: readonly StructuralSchema[]
  readonly oneOf: readonly StructuralSchema[]
  readonly not?: StructuralSchema
}

export interface EnumRule {
  readonly values: readonly unknown[]
  /** Each value as `valueKey` writes it, so that long lists need not be walked. */
  readonly keys: ReadonlySet<string>
}

/** A text that two JSON values share exactly when they are equal. */
export function valueKey(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(valueKey).join()}]`
  const fields = value as Record<string, unknown>
  return `{${Object.keys(fields)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${valueKey(fields[name])}`)
    .join()}}`
}

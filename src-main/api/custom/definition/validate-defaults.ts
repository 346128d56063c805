/** Defaults are values that the schema itself accepts, with nothing in them that it does not know. */
import { invalid, type FieldError } from '../../field-error.ts'
import type { JSONSchemaProps } from '../../types/apiextensions-v1.ts'
import { defaulted } from '../default-object.ts'
import { pruneObject } from '../prune-object.ts'
import { readSchema } from '../read-schema.ts'
import type { StructuralSchema } from '../structural-schema.ts'
import { validateCustomValue } from '../validate-value.ts'

export function validateDefaults(root: JSONSchemaProps, path: string): FieldError[] {
  const schema = readSchema(root)
  if (!schema.reachesDefaults) return []
  const errors: FieldError[] = []
  visit(schema, path, true, errors)
  return errors
}

function visit(schema: StructuralSchema, path: string, isRoot: boolean, errors: FieldError[]): void {
  if (!schema.reachesDefaults) return
  if (schema.default !== undefined) errors.push(...validateDefault(schema, `${path}.default`))
  for (const [name, property] of schema.properties) {
    const at = `${path}.properties[${name}]`
    // Defaults of metadata were refused with the schema.
    if (!isRoot || name !== 'metadata') visit(property, at, false, errors)
  }
  if (typeof schema.additional === 'object') visit(schema.additional, `${path}.additionalProperties`, false, errors)
  if (schema.items !== undefined) visit(schema.items, `${path}.items`, false, errors)
}

function validateDefault(schema: StructuralSchema, path: string): FieldError[] {
  // In a box, so that a value of any type is pruned as the field would be.
  const box: StructuralSchema = {
    ...schema,
    type: 'object',
    properties: new Map([['value', schema]]),
    additional: undefined,
    preserveUnknownFields: false,
    embeddedResource: false,
  }
  const { unknown, mismatch } = pruneObject({ value: schema.default }, box)
  if (mismatch !== undefined) return [invalid(path, schema.default, mismatch)]
  if (unknown.length > 0) return [invalid(path, schema.default, 'must not have unknown fields')]
  return validateCustomValue(defaulted(schema.default, schema), schema, path)
}

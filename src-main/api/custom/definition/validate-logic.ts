/** `allOf`, `anyOf`, `oneOf` and `not` may restrict what the structure declares, and declare nothing themselves. */
import { forbidden, required, type FieldError } from '../../field-error.ts'
import type { JSONSchemaProps } from '../../types/apiextensions-v1.ts'
import { isSchema } from '../read-schema.ts'
import { childSchemas } from './child-schemas.ts'

/** Words that declare, and what Kubernetes says of them within logic. */
const structuralWords = {
  type: 'must be empty',
  additionalProperties: 'must be undefined',
  default: 'must be undefined',
  title: 'must be empty',
  description: 'must be empty',
  nullable: 'must be false',
  externalDocs: 'must be undefined',
  'x-kubernetes-preserve-unknown-fields': 'must be false',
  'x-kubernetes-embedded-resource': 'must be false',
  'x-kubernetes-int-or-string': 'must be false',
  'x-kubernetes-list-map-keys': 'must be empty',
  'x-kubernetes-list-type': 'must be undefined',
  'x-kubernetes-map-type': 'must be undefined',
  'x-kubernetes-validations': 'must be empty',
} as const

export const validateLogic = (schema: JSONSchemaProps, path: string): FieldError[] =>
  partsOf(schema, path).flatMap(([part, at]) => validatePart(part, schema, at, path))

/** Without those two that say that a value is a number or a text, for they declare nothing that would not be known. */
function partsOf(schema: JSONSchemaProps, path: string): [JSONSchemaProps, string][] {
  const { anyOf, ...rest } = schema
  return childSchemas(isIntOrString(anyOf) ? rest : schema, path)
}

function isIntOrString(parts: readonly JSONSchemaProps[] | undefined): boolean {
  const only = (part: JSONSchemaProps | undefined, type: string): boolean =>
    part?.type === type && Object.keys(part).length === 1
  return parts?.length === 2 && only(parts[0], 'integer') && only(parts[1], 'string')
}

function validatePart(
  part: JSONSchemaProps,
  structure: JSONSchemaProps,
  path: string,
  structurePath: string,
): FieldError[] {
  const errors: FieldError[] = Object.entries(structuralWords).flatMap(([word, words]) =>
    isSaid(part[word as keyof typeof structuralWords], word)
      ? [forbidden(`${path}.${word}`, `${words} to be structural`)]
      : [],
  )
  const inner = (child: JSONSchemaProps, of: JSONSchemaProps | undefined, at: string, ofPath: string): void => {
    if (of === undefined) errors.push(required(ofPath, `because it is defined in ${at}`))
    else errors.push(...validatePart(child, of, at, ofPath))
  }
  for (const [name, child] of Object.entries(part.properties ?? {})) {
    const { properties = {} } = structure
    const at = `${path}.properties[${name}]`
    if (name === 'metadata') errors.push(forbidden(at, 'must not be specified in a nested context'))
    inner(
      child,
      Object.hasOwn(properties, name) ? properties[name] : undefined,
      at,
      `${structurePath}.properties[${name}]`,
    )
  }
  if (isSchema(part.items))
    inner(
      part.items,
      isSchema(structure.items) ? structure.items : undefined,
      `${path}.items`,
      `${structurePath}.items`,
    )
  // Of `allOf` the first one may hold what says that a value is a number or a text.
  const isFirst = path === `${structurePath}.allOf[0]`
  for (const [child, at] of isFirst ? partsOf(part, path) : childSchemas(part, path))
    errors.push(...validatePart(child, structure, at, structurePath))
  return errors
}

function isSaid(value: unknown, word: string): boolean {
  if (value === undefined || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return value !== false || word === 'additionalProperties' || word === 'default'
}

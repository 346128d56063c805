/** `allOf`, `anyOf`, `oneOf` and `not` may restrict what the structure declares, and declare nothing themselves. */
import { forbidden, required, type FieldError } from '../../field-error.ts'
import type { JSONSchemaProps } from '../../types/apiextensions-v1.ts'
import { isSchema } from '../read-schema.ts'
import { childSchemas } from './child-schemas.ts'

const structuralWords = [
  'type',
  'description',
  'title',
  'default',
  'nullable',
  'additionalProperties',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
] as const

export function validateLogic(schema: JSONSchemaProps, path: string): FieldError[] {
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true
  return childSchemas(schema, path).flatMap(([part, at]) => validatePart(part, schema, at, path, isIntOrString))
}

function validatePart(
  part: JSONSchemaProps,
  structure: JSONSchemaProps,
  path: string,
  structurePath: string,
  typesAllowed: boolean,
): FieldError[] {
  const errors: FieldError[] = structuralWords.flatMap((word) =>
    part[word] === undefined || part[word] === '' || part[word] === false || (word === 'type' && typesAllowed)
      ? []
      : [forbidden(`${path}.${word}`, 'must be empty to be structural')],
  )
  const inner = (child: JSONSchemaProps, of: JSONSchemaProps | undefined, at: string, ofPath: string): void => {
    if (of === undefined) errors.push(required(ofPath, `because it is defined in ${at}`))
    else errors.push(...validatePart(child, of, at, ofPath, false))
  }
  for (const [name, child] of Object.entries(part.properties ?? {})) {
    const { properties = {}, additionalProperties } = structure
    const declared = Object.hasOwn(properties, name) ? properties[name] : undefined
    const open = structure['x-kubernetes-preserve-unknown-fields'] === true || isSchema(additionalProperties)
    if (declared === undefined && open) continue
    if (name === 'metadata' && declared === undefined) continue
    inner(child, declared, `${path}.properties[${name}]`, `${structurePath}.properties[${name}]`)
  }
  if (isSchema(part.items))
    inner(
      part.items,
      isSchema(structure.items) ? structure.items : undefined,
      `${path}.items`,
      `${structurePath}.items`,
    )
  for (const [child, at] of childSchemas(part, path))
    errors.push(...validatePart(child, structure, at, structurePath, typesAllowed))
  return errors
}

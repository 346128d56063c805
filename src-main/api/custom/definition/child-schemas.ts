import type { JSONSchemaProps } from '../../types/apiextensions-v1.ts'

/** The parts of a schema that say something of the same value, each with its path. */
export function childSchemas(schema: JSONSchemaProps, path: string): [JSONSchemaProps, string][] {
  const lists = (['allOf', 'anyOf', 'oneOf'] as const).flatMap((word) =>
    (schema[word] ?? []).map((part, index): [JSONSchemaProps, string] => [part, `${path}.${word}[${index}]`]),
  )
  return schema.not === undefined ? lists : [...lists, [schema.not, `${path}.not`]]
}

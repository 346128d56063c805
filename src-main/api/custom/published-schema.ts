/** The schema of a custom kind as clients read it in the OpenAPI documents. */
import { referenceTo, type JsonSchema } from '../schema/openapi/document.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1.ts'
import { isSchema } from './read-schema.ts'

const typeFields = { apiVersion: { type: 'string' }, kind: { type: 'string' } }

/** Nearly as the CRD has it; embedded objects are given the fields that every object has. */
export function publishedSchema(props: JSONSchemaProps): JsonSchema {
  const { properties, additionalProperties, items, ...rest } = props
  const schema: Record<string, unknown> = { ...rest }
  if (properties !== undefined)
    schema['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, publishedSchema(property)]),
    )
  if (additionalProperties !== undefined)
    schema['additionalProperties'] = isSchema(additionalProperties)
      ? publishedSchema(additionalProperties)
      : additionalProperties
  if (items !== undefined) schema['items'] = isSchema(items) ? publishedSchema(items) : items
  if (props['x-kubernetes-embedded-resource'] === true) {
    schema['properties'] = {
      ...(schema['properties'] as JsonSchema | undefined),
      ...typeFields,
      metadata: referenceTo('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'),
    }
    schema['required'] = [...new Set([...(props.required ?? []), 'kind', 'apiVersion'])]
  }
  if (props['x-kubernetes-int-or-string'] === true) schema['anyOf'] ??= [{ type: 'integer' }, { type: 'string' }]
  return schema
}

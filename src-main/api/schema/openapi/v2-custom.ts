/**
 * The schema of a custom kind in an OpenAPI 2.0 document. Old clients take what they read there for a full list of fields,
 * and cannot cope with much that a CRD may say, so Kubernetes leaves it out.
 */
import type { JsonSchema } from './document.ts'
import { referenceInV2 } from './v2-json.ts'

/** `schema`: that of the whole object, as it stands in the 3.0 document. */
export function customSchemaInV2(schema: JsonSchema): JsonSchema {
  if (schema[preserving] !== true) return partInV2(schema)
  const { [identity]: kinds } = schema
  return { type: 'object', ...(kinds === undefined ? {} : { [identity]: kinds }) }
}

const preserving = 'x-kubernetes-preserve-unknown-fields'
const identity = 'x-kubernetes-group-version-kind'

function partInV2(part: JsonSchema): JsonSchema {
  const { allOf: _allOf, oneOf: _oneOf, anyOf: _anyOf, not: _not, nullable, ...rest } = part
  const { type, items, properties, additionalProperties, required, $ref, ...others } = rest
  const open = part[preserving] === true
  const untyped = nullable === true || open
  // A list without items, or an object whose fields are not told, is of any type to old clients.
  const typeIsLost =
    nullable === true || (open && type === 'object') || (type === 'array' && (open || !isSchema(items)))
  const kept = requiredInV2(required, untyped ? undefined : properties, additionalProperties)
  return {
    ...others,
    ...(typeof $ref === 'string' ? { $ref: referenceInV2($ref) } : {}),
    ...(type === undefined || typeIsLost ? {} : { type }),
    ...(kept === undefined ? {} : { required: kept }),
    ...(untyped || !isSchema(items) ? {} : { items: partInV2(items) }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties: isSchema(additionalProperties) ? partInV2(additionalProperties) : additionalProperties,
        }),
    ...(untyped || !isSchema(properties)
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, one]) => [name, partInV2(one as JsonSchema)]),
          ),
        }),
  }
}

/** What may be null may also be absent to a client that knows no null. */
function requiredInV2(required: unknown, properties: unknown, additionalProperties: unknown): string[] | undefined {
  if (!Array.isArray(required)) return undefined
  if (isSchema(additionalProperties) && additionalProperties['nullable'] === true) return undefined
  const fields = isSchema(properties) ? properties : {}
  const kept = (required as string[]).filter((name) => (fields[name] as JsonSchema | undefined)?.['nullable'] !== true)
  return kept.length === 0 ? undefined : kept
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

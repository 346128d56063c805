import { declaredDefaults } from '../declared-defaults.ts'
import { definitions, type GroupVersionKind, type RawDefinition, type RawField } from '../schema.ts'
import { referenceTo, type JsonSchema } from './document.ts'

/** A text for people about a definition, or one of its fields. */
export type Describe = (definition: string, field?: string) => string | undefined

const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity'
const intOrString = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'

/**
 * The schemas of the named definitions and of all that they refer to, by full name. Kinds of the API machinery, which
 * exist in every group, are said to be of `groupVersion` too.
 */
export function componentSchemas(
  roots: Iterable<string>,
  groupVersion: Pick<GroupVersionKind, 'group' | 'version'>,
  describe: Describe,
): Record<string, JsonSchema> {
  const reached = new Set(roots)
  const schemas: Record<string, JsonSchema> = {}
  for (const name of reached) {
    const definition = definitions[name]
    if (definition === undefined) continue
    schemas[name] = componentSchema(name, definition, groupVersion, describe)
    for (const field of Object.values(definition.fields ?? {})) {
      const inner = field.t.replace(/[[\]{}]/g, '')
      if (definitions[inner] !== undefined) reached.add(inner)
    }
  }
  return schemas
}

function componentSchema(
  name: string,
  definition: RawDefinition,
  groupVersion: Pick<GroupVersionKind, 'group' | 'version'>,
  describe: Describe,
): JsonSchema {
  const fields = Object.entries(definition.fields ?? {})
  const required = fields.filter(([, field]) => field.req === 1).map(([field]) => field)
  const properties = fields.map(
    ([field, raw]) => [field, fieldSchema(name, field, raw, describe(name, field))] as const,
  )
  const kinds = kindsOf(name, definition, groupVersion)
  return present({
    description: describe(name),
    ...typeOf(name, definition),
    required: required.length === 0 ? undefined : required,
    properties: properties.length === 0 ? undefined : Object.fromEntries(properties),
    'x-kubernetes-group-version-kind': kinds.length === 0 ? undefined : kinds,
    'x-kubernetes-map-type': definition.mapType,
    'x-kubernetes-unions': definition.unions,
  })
}

function typeOf(name: string, definition: RawDefinition): JsonSchema {
  if (name === quantity) return { oneOf: [{ type: 'string' }, { type: 'number' }] }
  if (name === intOrString) return { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] }
  if (definition.fields !== undefined) return { type: 'object' }
  return present({ type: definition.type, format: definition.format })
}

function kindsOf(
  name: string,
  { gvk = [] }: RawDefinition,
  { group, version }: Pick<GroupVersionKind, 'group' | 'version'>,
): GroupVersionKind[] {
  const kinds = gvk.map(([group, version, kind]) => ({ group, version, kind }))
  const [shared] = name.startsWith('io.k8s.apimachinery.') ? kinds : []
  if (shared !== undefined && (group !== shared.group || version !== shared.version)) {
    kinds.push({ group, version, kind: shared.kind })
  }
  return kinds
}

function fieldSchema(definition: string, name: string, raw: RawField, description: string | undefined): JsonSchema {
  const beside = present({
    description,
    default: raw.def ?? declaredDefaults[definition]?.[name],
    'x-kubernetes-list-type': raw.list,
    'x-kubernetes-list-map-keys': raw.keys,
    'x-kubernetes-map-type': raw.map,
    'x-kubernetes-patch-strategy': raw.patch,
    'x-kubernetes-patch-merge-key': raw.mergeKey,
  })
  const type = typeSchema(raw.t)
  // Readers ignore what stands beside a $ref, so it goes into a list of its own.
  if ('$ref' in type && Object.keys(beside).length > 0) return { allOf: [type], ...beside }
  return { ...type, ...beside }
}

function typeSchema(text: string): JsonSchema {
  const inner = text.slice(1, -1)
  if (text.startsWith('[')) return { type: 'array', items: typeSchema(inner) }
  if (text.startsWith('{')) return { type: 'object', additionalProperties: typeSchema(inner) }
  if (definitions[text] !== undefined) return referenceTo(text)
  const [type, format] = text.split(':')
  return present({ type, format })
}

/** Without what is undefined. */
function present(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined))
}

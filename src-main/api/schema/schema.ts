import { declaredDefaults } from './declared-defaults.ts'
import { metaDefinitions } from './meta-definitions.ts'
import definitionData from './data/definitions.json' with { type: 'json' }
import ownDefinitionData from './data/orrery-definitions.json' with { type: 'json' }
import type { ArraySchema, FieldSchema, ObjectSchema, PatchStrategy, TypeSchema, Union } from './type-schema.ts'

export interface RawField {
  /** A scalar[:format], a definition's name, [items] or {values}. */
  readonly t: string
  readonly req?: 1
  readonly def?: unknown
  readonly list?: ArraySchema['listType']
  readonly keys?: readonly string[]
  readonly map?: 'granular' | 'atomic'
  readonly patch?: string
  readonly mergeKey?: string
}

/** A definition as the release's facts give it. */
export interface RawDefinition {
  readonly gvk?: readonly (readonly [group: string, version: string, kind: string])[]
  /** The name of its protobuf message. */
  readonly proto?: string
  readonly fields?: Readonly<Record<string, RawField>>
  readonly type?: string
  readonly format?: string
  readonly mapType?: 'granular' | 'atomic'
  readonly unions?: readonly {
    readonly discriminator?: string
    readonly 'fields-to-discriminateBy'?: Readonly<Record<string, string>>
  }[]
}

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** Every definition of the release and our own, by full name. */
export const definitions: Readonly<Record<string, RawDefinition>> = {
  ...(definitionData as unknown as Record<string, RawDefinition>),
  ...(ownDefinitionData as unknown as Record<string, RawDefinition>),
  ...metaDefinitions,
}

const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
const namesByKind = new Map<string, string>()
for (const [name, { gvk = [] }] of Object.entries(definitions)) {
  for (const [group, version, kind] of gvk) namesByKind.set(`${group}/${version}/${kind}`, name)
}

/**
 * The full name of the definition of a kind. Kinds of the API machinery (DeleteOptions, Status, WatchEvent) exist in
 * every group and version.
 */
export function definitionNameOf({ group, version, kind }: GroupVersionKind): string | undefined {
  const own = namesByKind.get(`${group}/${version}/${kind}`)
  if (own !== undefined) return own
  const shared = namesByKind.get(`/v1/${kind}`)
  return shared?.startsWith(metaPrefix) === true ? shared : undefined
}

const schemasOfKinds = new WeakMap<GroupVersionKind, ObjectSchema>()

/** The schema of a kind; shared and never changed. Custom kinds bring theirs along. */
export function schemaOf(
  kind: GroupVersionKind & { readonly custom?: { readonly objectType: ObjectSchema } },
): ObjectSchema | undefined {
  if (kind.custom !== undefined) return kind.custom.objectType
  const known = schemasOfKinds.get(kind)
  if (known !== undefined) return known
  const name = definitionNameOf(kind)
  const schema = name === undefined ? undefined : schemaNamed(name)
  if (schema !== undefined) schemasOfKinds.set(kind, schema)
  return schema
}

/** The schema of a definition, such as `io.k8s.api.core.v1.PodSpec`; undefined when it is unknown or no object. */
export function schemaNamed(name: string): ObjectSchema | undefined {
  const type = definitions[name] === undefined ? undefined : typeNamed(name)
  return type?.type === 'object' ? type : undefined
}

/** What has another JSON form than its fields would say. */
const specialTypes: Readonly<Record<string, TypeSchema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'quantity' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: 'int-or-string' },
  [`${metaPrefix}Time`]: { type: 'time' },
  [`${metaPrefix}MicroTime`]: { type: 'micro-time' },
}
const anyType: TypeSchema = { type: 'any' }
const scalarTypes: Readonly<Record<string, TypeSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  'string:byte': { type: 'bytes' },
  'integer:int32': { type: 'integer', format: 'int32' },
  'integer:int64': { type: 'integer', format: 'int64' },
  'number:double': { type: 'number' },
}
/** `type: object` without fields is an empty struct for these, and any value for the rest. */
const emptyStructs = new Set([
  'io.k8s.api.apiserverinternal.v1alpha1.StorageVersionSpec',
  'io.k8s.api.scheduling.v1alpha2.BasicSchedulingPolicy',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus',
])

const built = new Map<string, TypeSchema>()

function typeNamed(name: string): TypeSchema {
  const known = built.get(name) ?? specialTypes[name]
  if (known !== undefined) return known
  const definition = definitions[name]
  if (definition === undefined || (definition.fields === undefined && !emptyStructs.has(name))) return anyType
  const fields = new Map<string, FieldSchema>()
  const schema: ObjectSchema = {
    type: 'object',
    name,
    fields,
    mapType: definition.mapType ?? 'granular',
    unions: (definition.unions ?? []).map(unionFrom),
    preserveUnknownFields: false,
  }
  // Known before its fields are made: a definition may contain itself.
  built.set(name, schema)
  for (const [field, raw] of Object.entries(definition.fields ?? {})) fields.set(field, fieldFrom(name, field, raw))
  return schema
}

function unionFrom(raw: NonNullable<RawDefinition['unions']>[number]): Union {
  return { discriminator: raw.discriminator, fields: raw['fields-to-discriminateBy'] ?? {} }
}

function fieldFrom(definition: string, name: string, raw: RawField): FieldSchema {
  return {
    name,
    type: typeFrom(raw.t, raw, definition.startsWith(deviceTypes)),
    required: raw.req === 1,
    default: raw.def ?? declaredDefaults[definition]?.[name],
    patchStrategies: (raw.patch?.split(',') ?? []) as PatchStrategy[],
    mergeKey: raw.mergeKey,
    mapType: raw.map,
    nullable: false,
  }
}

/** What a device has or gives is no amount of a resource that nodes and pods count. */
const deviceTypes = 'io.k8s.api.resource.'

function typeFrom(text: string, raw: RawField, exact = false): TypeSchema {
  const inner = text.slice(1, -1)
  if (text.startsWith('[')) {
    const items = typeFrom(inner, { t: inner })
    return { type: 'array', items, listType: raw.list ?? 'atomic', keys: raw.keys ?? [] }
  }
  if (text.startsWith('{')) {
    const map: TypeSchema = { type: 'map', values: typeFrom(inner, { t: inner }), mapType: raw.map ?? 'granular' }
    return exact ? { ...map, exact } : map
  }
  return scalarTypes[text] ?? typeNamed(text)
}

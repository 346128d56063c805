import messageData from '../data/messages.json' with { type: 'json' }
import { metaMessages } from '../meta-definitions.ts'
import { definitions, schemaNamed } from '../schema.ts'
import type { ObjectSchema, TypeSchema } from '../type-schema.ts'
import { leavesOutZero } from './value-fields.ts'

/** How one protobuf field becomes one JSON field. */
export interface FieldPlan {
  readonly number: number
  /** The JSON name; of an inlined struct it is unused, for its fields land in the object around it. */
  readonly name: string
  readonly repeated: boolean
  readonly codec: Codec
  /** The zero number, `false` or the empty text says nothing and is left out. */
  readonly dropsZero: boolean
}

export type Codec =
  | { readonly type: 'string' | 'integer' | 'boolean' | 'double' | 'bytes' }
  | { readonly type: 'time' | 'micro-time' | 'quantity' | 'int-or-string' }
  /** A message around bytes of JSON. */
  | { readonly type: 'json' }
  | { readonly type: 'message' | 'inline'; readonly plan: MessagePlan }
  /** A message around one repeated field, which is a plain list in JSON. */
  | { readonly type: 'wrapped-list'; readonly items: FieldPlan }
  | { readonly type: 'map'; readonly values: FieldPlan }
  /** A schema or something simpler: its first and second field; see `schema-choice.ts`. */
  | { readonly type: 'schema-choice'; readonly choice: SchemaChoice; readonly plan: MessagePlan }

export type SchemaChoice = 'array' | 'bool' | 'strings'

export interface MessagePlan {
  readonly byNumber: ReadonlyMap<number, FieldPlan>
  /** In the order of their numbers. */
  readonly fields: readonly FieldPlan[]
}

type Message = Readonly<Record<string, readonly [number: number, type: string]>>
const messages: Readonly<Record<string, Message>> = {
  ...(messageData as unknown as Record<string, Message>),
  ...metaMessages,
}
const scalarCodecs: Readonly<Record<string, Codec>> = {
  string: { type: 'string' },
  int32: { type: 'integer' },
  int64: { type: 'integer' },
  bool: { type: 'boolean' },
  double: { type: 'double' },
  bytes: { type: 'bytes' },
}
const extensionPrefix = 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'
const schemaDefinition = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'
const schemaChoices: Readonly<Record<string, SchemaChoice>> = {
  [`${extensionPrefix}OrArray`]: 'array',
  [`${extensionPrefix}OrBool`]: 'bool',
  [`${extensionPrefix}OrStringArray`]: 'strings',
}

const plans = new Map<string, MessagePlan>()

/** The plan of a definition; undefined when it has no protobuf form. */
export function messagePlanOf(definition: string): MessagePlan | undefined {
  const message = definitions[definition]?.proto
  const schema = schemaNamed(definition)
  return schema === undefined || message === undefined || messages[message] === undefined
    ? undefined
    : planFor(schema, message)
}

/** An inlined struct is a message whose fields belong to the schema around it, hence a plan for each pair. */
function planFor(schema: ObjectSchema, message: string): MessagePlan {
  const key = `${schema.name} ${message}`
  const known = plans.get(key)
  if (known !== undefined) return known
  const byNumber = new Map<number, FieldPlan>()
  const fields: FieldPlan[] = []
  const plan: MessagePlan = { byNumber, fields }
  // Known before its fields are made: a message may contain itself.
  plans.set(key, plan)
  for (const [protobufName, [number, type]] of Object.entries(messages[message] ?? {})) {
    const field = fieldPlan(schema, protobufName, number, type)
    if (field === undefined) continue
    byNumber.set(number, field)
    fields.push(field)
  }
  fields.sort((left, right) => left.number - right.number)
  return plan
}

function fieldPlan(schema: ObjectSchema, protobufName: string, number: number, type: string): FieldPlan | undefined {
  const field = schema.fields.get(jsonNameOf(schema, protobufName))
  if (field === undefined) {
    if (messages[type] === undefined) return undefined
    const codec: Codec = { type: 'inline', plan: planFor(schema, type) }
    return { number, name: protobufName, repeated: false, codec, dropsZero: false }
  }
  return { number, name: field.name, dropsZero: leavesOutZero(schema, field), ...typePlan(type, field.type) }
}

/** JSON names differ from protobuf's in case (`uID`), and in the punctuation of `$ref` and `x-kubernetes-…`. */
function jsonNameOf(schema: ObjectSchema, protobufName: string): string {
  if (schema.fields.has(protobufName)) return protobufName
  const wanted = protobufName.toLowerCase()
  for (const name of schema.fields.keys()) {
    if (name.replace(/[$-]/g, '').toLowerCase() === wanted) return name
  }
  return protobufName
}

function typePlan(protobufType: string, type: TypeSchema): Pick<FieldPlan, 'repeated' | 'codec'> {
  if (protobufType.startsWith('repeated ')) {
    const items = type.type === 'array' ? type.items : type
    return { repeated: true, codec: codecFor(protobufType.slice('repeated '.length), items) }
  }
  const mapped = /^map<string,(.*)>$/.exec(protobufType)?.[1]
  if (mapped === undefined) return { repeated: false, codec: codecFor(protobufType, type) }
  const codec = codecFor(mapped, type.type === 'map' ? type.values : type)
  const values: FieldPlan = { number: 2, name: 'value', repeated: false, codec, dropsZero: false }
  return { repeated: false, codec: { type: 'map', values } }
}

function codecFor(protobufType: string, type: TypeSchema): Codec {
  const scalar = scalarCodecs[protobufType]
  if (scalar !== undefined) return scalar
  const choice = schemaChoices[protobufType]
  const message = messages[protobufType] ?? {}
  if (choice !== undefined) return { type: 'schema-choice', choice, plan: schemaPlan() }
  switch (type.type) {
    case 'time':
    case 'micro-time':
    case 'quantity':
    case 'int-or-string':
      return { type: type.type }
    case 'object':
      return { type: 'message', plan: planFor(type, protobufType) }
    case 'array': {
      const [number, items] = Object.values(message)[0] ?? [1, 'repeated string']
      return {
        type: 'wrapped-list',
        items: { number, name: 'items', dropsZero: false, ...typePlan(items, type) },
      }
    }
    default:
      return { type: 'json' }
  }
}

function schemaPlan(): MessagePlan {
  const schema = schemaNamed(schemaDefinition)
  if (schema === undefined) throw new Error(`the schema data lacks ${schemaDefinition}`)
  return planFor(schema, extensionPrefix)
}

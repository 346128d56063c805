/** From the `openAPIV3Schema` of a CRD, which has been validated, to the schema that code uses. */
import { compileRegex, type LinearRegex } from '../../lib/re2/regex.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1.ts'
import type { StructuralSchema, ValueType } from './structural-schema.ts'
import { valueKey, type EnumRule, type ValueRules } from './value-rules.ts'

/** What lies deeper is refused by validation, and holds any value where it was stored all the same. */
const maximumDepth = 500
const noProperties = new Map<string, StructuralSchema>()
const anything: StructuralSchema = {
  ...{ type: undefined, properties: noProperties, additional: undefined, items: undefined, nullable: true },
  ...{ default: undefined, preserveUnknownFields: true, embeddedResource: false, intOrString: false },
  ...{ listType: 'atomic', mapKeys: [], mapType: 'granular', rules: undefined, validations: [] },
  ...{ reachesDefaults: false, reachesValidations: false },
}

/** Tolerates what validation would refuse: such places hold any value. */
export function readSchema(props: JSONSchemaProps, depth = 0): StructuralSchema {
  if (depth > maximumDepth) return anything
  const properties = props.properties === undefined ? noProperties : new Map<string, StructuralSchema>()
  for (const name in props.properties ?? {}) {
    const property = props.properties?.[name]
    if (property !== undefined) properties.set(name, readSchema(property, depth + 1))
  }
  const additional = readAdditional(props.additionalProperties, depth + 1)
  const items = isSchema(props.items) ? readSchema(props.items, depth + 1) : undefined
  const children = [
    ...properties.values(),
    ...(typeof additional === 'object' ? [additional] : []),
    ...(items === undefined ? [] : [items]),
  ]
  const validations = props['x-kubernetes-validations'] ?? []
  const listType = props['x-kubernetes-list-type']
  return {
    type: props['x-kubernetes-int-or-string'] === true ? undefined : (props.type as ValueType | undefined),
    ...{ properties, additional, items, validations },
    nullable: props.nullable === true,
    default: props.default,
    preserveUnknownFields: props['x-kubernetes-preserve-unknown-fields'] === true,
    embeddedResource: props['x-kubernetes-embedded-resource'] === true,
    intOrString: props['x-kubernetes-int-or-string'] === true,
    listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
    mapKeys: props['x-kubernetes-list-map-keys'] ?? [],
    mapType: props['x-kubernetes-map-type'] === 'atomic' ? 'atomic' : 'granular',
    rules: readRules(props, depth + 1),
    reachesDefaults: props.default !== undefined || children.some(({ reachesDefaults }) => reachesDefaults),
    reachesValidations: validations.length > 0 || children.some(({ reachesValidations }) => reachesValidations),
  }
}

function readAdditional(given: unknown, depth: number): StructuralSchema | true | undefined {
  if (given === true) return true
  return isSchema(given) ? readSchema(given, depth) : undefined
}

export const isSchema = (value: unknown): value is JSONSchemaProps =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const ruleNames = [
  'format',
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const

function readRules(props: JSONSchemaProps, depth: number): ValueRules | undefined {
  const given = ruleNames.filter((name) => props[name] !== undefined)
  const { pattern, enum: values, required = [], allOf = [], anyOf = [], oneOf = [], not } = props
  const logical = allOf.length + anyOf.length + oneOf.length > 0 || not !== undefined
  if (given.length === 0 && pattern === undefined && values === undefined && required.length === 0 && !logical)
    return undefined
  return {
    ...Object.fromEntries(given.map((name) => [name, props[name]])),
    ...(values === undefined ? {} : { enum: enumRule(values) }),
    ...(pattern === undefined || pattern === ''
      ? {}
      : { pattern: { source: pattern, expression: onFirstUse(pattern) } }),
    exclusiveMinimum: props.exclusiveMinimum === true,
    exclusiveMaximum: props.exclusiveMaximum === true,
    required,
    allOf: allOf.map((one) => readSchema(one, depth)),
    anyOf: anyOf.map((one) => readSchema(one, depth)),
    oneOf: oneOf.map((one) => readSchema(one, depth)),
    ...(not === undefined ? {} : { not: readSchema(not, depth) }),
  }
}

function enumRule(values: readonly unknown[]): EnumRule {
  let keys: ReadonlySet<string> | undefined
  return {
    values,
    get keys() {
      return (keys ??= new Set(values.map(valueKey)))
    },
  }
}

function onFirstUse(pattern: string): () => LinearRegex {
  let compiled: LinearRegex | undefined
  return () => (compiled ??= compileRegex(pattern))
}

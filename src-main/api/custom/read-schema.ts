/** From the `openAPIV3Schema` of a CRD, which has been validated, to the schema that code uses. */
import { compileRegex, type LinearRegex } from '../../lib/re2/regex.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1.ts'
import type { StructuralSchema, ValueType } from './structural-schema.ts'
import { valueKey, type ValueRules } from './value-rules.ts'

/** Tolerates what validation would refuse: such places hold any value. */
export function readSchema(props: JSONSchemaProps): StructuralSchema {
  const properties = new Map<string, StructuralSchema>()
  for (const [name, property] of Object.entries(props.properties ?? {})) properties.set(name, readSchema(property))
  const additional = readAdditional(props.additionalProperties)
  const items = isSchema(props.items) ? readSchema(props.items) : undefined
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
    rules: readRules(props),
    reachesDefaults: props.default !== undefined || children.some(({ reachesDefaults }) => reachesDefaults),
    reachesValidations: validations.length > 0 || children.some(({ reachesValidations }) => reachesValidations),
  }
}

function readAdditional(given: unknown): StructuralSchema | true | undefined {
  if (given === true) return true
  return isSchema(given) ? readSchema(given) : undefined
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

function readRules(props: JSONSchemaProps): ValueRules | undefined {
  const given = ruleNames.filter((name) => props[name] !== undefined)
  const { pattern, enum: values, required = [], allOf = [], anyOf = [], oneOf = [], not } = props
  const logical = allOf.length + anyOf.length + oneOf.length > 0 || not !== undefined
  if (given.length === 0 && pattern === undefined && values === undefined && required.length === 0 && !logical)
    return undefined
  return {
    ...Object.fromEntries(given.map((name) => [name, props[name]])),
    ...(values === undefined ? {} : { enum: { values, keys: new Set(values.map(valueKey)) } }),
    ...(pattern === undefined || pattern === ''
      ? {}
      : { pattern: { source: pattern, expression: onFirstUse(pattern) } }),
    exclusiveMinimum: props.exclusiveMinimum === true,
    exclusiveMaximum: props.exclusiveMaximum === true,
    required,
    allOf: allOf.map(readSchema),
    anyOf: anyOf.map(readSchema),
    oneOf: oneOf.map(readSchema),
    ...(not === undefined ? {} : { not: readSchema(not) }),
  }
}

function onFirstUse(pattern: string): () => LinearRegex {
  let compiled: LinearRegex | undefined
  return () => (compiled ??= compileRegex(pattern))
}

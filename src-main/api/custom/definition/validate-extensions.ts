/** The rules of the `x-kubernetes-…` words and of what stands beside them. */
import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { repeats } from '../../meta/repeats.ts'
import type { JSONSchemaProps, ValidationRule } from '../../types/apiextensions-v1.ts'
import { isSchema } from '../read-schema.ts'
import { followFieldPath } from './field-path.ts'

export function validateExtensions(schema: JSONSchemaProps, path: string): FieldError[] {
  return [
    ...(schema['x-kubernetes-preserve-unknown-fields'] === false
      ? [invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined')]
      : []),
    ...mapErrors(schema, path),
    ...listErrors(schema, path),
    ...itemErrors(schema, path),
    ...ruleErrors(schema, path),
    ...rangeErrors(schema, path),
  ]
}

/** A word that only values of one type can have. */
function checkType({ type = '' }: JSONSchemaProps, path: string, wanted: string, word: string): FieldError[] {
  const words = `must be ${wanted} if ${word} is specified`
  if (type === wanted) return []
  return [type === '' ? required(`${path}.type`, words) : invalid(`${path}.type`, type, words)]
}

const mapTypes = ['atomic', 'granular']

function mapErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const mapType = schema['x-kubernetes-map-type']
  if (mapType === undefined) return []
  const errors = checkType(schema, path, 'object', 'x-kubernetes-map-type')
  return mapTypes.includes(mapType)
    ? errors
    : [...errors, notSupported(`${path}.x-kubernetes-map-type`, mapType, mapTypes)]
}

const listTypes = ['atomic', 'set', 'map']

function listErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const at = `${path}.x-kubernetes-list-type`
  const items = isSchema(schema.items) ? schema.items : undefined
  const errors: FieldError[] = []
  if (listType !== undefined && schema.type !== 'array')
    errors.push(...checkType(schema, path, 'array', 'x-kubernetes-list-type'))
  else if (listType === 'set' && items !== undefined) errors.push(...setItemErrors(items, `${path}.items`))
  if (listType !== undefined && !listTypes.includes(listType)) errors.push(notSupported(at, listType, listTypes))
  const onlyMaps = 'must be map if x-kubernetes-list-map-keys is non-empty'
  if (keys.length > 0 && listType === undefined) errors.push(required(at, onlyMaps))
  if (keys.length > 0 && listType !== undefined && listType !== 'map') errors.push(invalid(at, listType, onlyMaps))
  return listType === 'map' ? [...errors, ...mapListErrors(schema, items, keys, path)] : errors
}

/** The values of a set are compared as a whole. */
function setItemErrors(items: JSONSchemaProps, path: string): FieldError[] {
  const listType = items['x-kubernetes-list-type']
  const words = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic')
    return [invalid(`${path}.x-kubernetes-list-type`, listType, words)]
  // Kubernetes shows the type of the list, for what that is worth.
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
    return [invalid(`${path}.x-kubernetes-map-type`, listType, words)]
  return []
}

function mapListErrors(
  schema: JSONSchemaProps,
  items: JSONSchemaProps | undefined,
  keys: readonly string[],
  path: string,
): FieldError[] {
  const keysPath = `${path}.x-kubernetes-list-map-keys`
  const at = `${path}.items`
  const errors: FieldError[] = []
  if (keys.length === 0) errors.push(required(keysPath, 'must not be empty if x-kubernetes-list-type is map'))
  if (schema.items === undefined) errors.push(required(at, 'must have a schema if x-kubernetes-list-type is map'))
  else if (items === undefined)
    errors.push(invalid(at, schema.items, 'must only have a single schema if x-kubernetes-list-type is map'))
  else if (items.type !== 'object')
    errors.push(
      invalid(`${at}.type`, items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"),
    )
  if (items?.type !== 'object') return errors
  const isRepeat = repeats()
  for (const key of keys) {
    const property = Object.hasOwn(items.properties ?? {}, key) ? items.properties?.[key] : undefined
    if (property === undefined) errors.push(invalid(keysPath, keys, 'entries must all be names of item properties'))
    else if (property.type === 'object' || property.type === 'array')
      errors.push(
        invalid(
          `${at}.properties[${key}].type`,
          items.type,
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      )
    if (isRepeat(key)) errors.push(invalid(keysPath, keys, 'must not contain duplicate entries'))
  }
  return errors
}

/** The items of sets and maps are there, and so are the keys of maps. */
function itemErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type']
  const items = isSchema(schema.items) ? schema.items : undefined
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return []
  const needed = new Set(items.required)
  const keyWords = 'this property is in x-kubernetes-list-map-keys, so it'
  return [
    ...(items.nullable === true
      ? [forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`)]
      : []),
    ...(listType === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : []).flatMap((key) => {
      const property = Object.hasOwn(items.properties ?? {}, key) ? items.properties?.[key] : undefined
      if (property === undefined) return []
      const at = `${path}.items.properties[${key}]`
      return [
        ...(property.default === undefined && !needed.has(key)
          ? [required(`${at}.default`, `${keyWords} must have a default or be a required property`)]
          : []),
        ...(property.nullable === true ? [forbidden(`${at}.nullable`, `${keyWords} cannot be nullable`)] : []),
      ]
    }),
  ]
}

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const breaksLine = (text: string): boolean => /[\n\r]/.test(text)

function ruleErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  return (schema['x-kubernetes-validations'] ?? []).flatMap((given, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`
    const { messageExpression = '', reason, fieldPath = '' } = given
    const refusePath = (words: string): FieldError => invalid(`${at}.fieldPath`, fieldPath, words)
    return [
      ...messageErrors(given, at),
      ...(messageExpression !== '' && messageExpression.trim() === ''
        ? [required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified')]
        : []),
      ...(reason === undefined || reasons.includes(reason) ? [] : [notSupported(`${at}.reason`, reason, reasons)]),
      ...(fieldPath !== '' && fieldPath.trim() === '' ? [refusePath('fieldPath must be non-empty if specified')] : []),
      ...(breaksLine(fieldPath) ? [refusePath('fieldPath must not contain line breaks')] : []),
      ...(fieldPath === '' || followFieldPath(fieldPath, schema, true).problem === undefined
        ? []
        : [refusePath('fieldPath must be a valid path')]),
    ]
  })
}

/** A rule says in words what it asks, unless it is one line. */
function messageErrors({ rule, message = '' }: Partial<ValidationRule>, path: string): FieldError[] {
  const asked = (rule ?? '').trim()
  const said = message.trim()
  if (asked === '') return [required(`${path}.rule`, 'rule is not specified')]
  if (message !== '' && said === '')
    return [invalid(`${path}.message`, message, 'message must be non-empty if specified')]
  if (breaksLine(said)) return [invalid(`${path}.message`, message, 'message must not contain line breaks')]
  return breaksLine(asked) && said === ''
    ? [required(`${path}.message`, 'message must be specified if rule contains line breaks')]
    : []
}

const counts = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'] as const

function rangeErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const { multipleOf } = schema
  return [
    ...counts.flatMap((name) => {
      const value = schema[name]
      return value !== undefined && value < 0
        ? [invalid(`${path}.${name}`, value, 'must be greater than or equal to 0')]
        : []
    }),
    ...(multipleOf !== undefined && multipleOf <= 0
      ? [invalid(`${path}.multipleOf`, multipleOf, 'must be greater than 0')]
      : []),
  ]
}

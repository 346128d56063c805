/** The rules of the `x-kubernetes-…` words and of what stands beside them. */
import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import type { JSONSchemaProps } from '../../types/apiextensions-v1.ts'
import { isSchema } from '../read-schema.ts'

export function validateExtensions(schema: JSONSchemaProps, path: string, isRoot: boolean): FieldError[] {
  return [
    ...intOrStringErrors(schema, path),
    ...preserveErrors(schema, path),
    ...embeddedErrors(schema, path, isRoot),
    ...listErrors(schema, path),
    ...mapErrors(schema, path),
    ...ruleErrors(schema, path),
    ...rangeErrors(schema, path),
  ]
}

function intOrStringErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  if (schema['x-kubernetes-int-or-string'] !== true) return []
  return [
    ...((schema.type ?? '') === ''
      ? []
      : [forbidden(`${path}.type`, 'must be empty if x-kubernetes-int-or-string is true')]),
    ...(schema['x-kubernetes-embedded-resource'] === true
      ? [forbidden(`${path}.x-kubernetes-embedded-resource`, 'must be false if x-kubernetes-int-or-string is true')]
      : []),
  ]
}

function preserveErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const value = schema['x-kubernetes-preserve-unknown-fields']
  if (value === undefined) return []
  const at = `${path}.x-kubernetes-preserve-unknown-fields`
  const { type = '' } = schema
  return [
    ...(value ? [] : [invalid(at, value, 'must be true or undefined')]),
    ...(type === '' || type === 'object'
      ? []
      : [invalid(`${path}.type`, type, 'must be object if x-kubernetes-preserve-unknown-fields is true')]),
  ]
}

function embeddedErrors(schema: JSONSchemaProps, path: string, isRoot: boolean): FieldError[] {
  if (schema['x-kubernetes-embedded-resource'] !== true) return []
  const at = `${path}.x-kubernetes-embedded-resource`
  const { type = '', properties } = schema
  const empty = Object.keys(properties ?? {}).length === 0
  return [
    ...(isRoot ? [forbidden(at, 'must not be used at the root')] : []),
    ...(type === 'object'
      ? []
      : [
          type === ''
            ? required(`${path}.type`, 'must be object if x-kubernetes-embedded-resource is true')
            : invalid(`${path}.type`, type, 'must be object if x-kubernetes-embedded-resource is true'),
        ]),
    ...(empty && schema['x-kubernetes-preserve-unknown-fields'] !== true
      ? [
          required(
            `${path}.properties`,
            'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
          ),
        ]
      : []),
  ]
}

const listTypes = ['atomic', 'map', 'set']

function listErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const typePath = `${path}.x-kubernetes-list-type`
  const keysPath = `${path}.x-kubernetes-list-map-keys`
  if (listType === undefined)
    return keys.length === 0 ? [] : [required(typePath, 'must be map if x-kubernetes-list-map-keys is non-empty')]
  if (!listTypes.includes(listType)) return [notSupported(typePath, listType, listTypes)]
  const errors: FieldError[] = []
  if (schema.type !== 'array')
    errors.push(
      (schema.type ?? '') === ''
        ? required(`${path}.type`, 'must be array if x-kubernetes-list-type is specified')
        : invalid(`${path}.type`, schema.type, 'must be array if x-kubernetes-list-type is specified'),
    )
  if (listType !== 'map' && keys.length > 0)
    errors.push(forbidden(keysPath, 'must be empty unless x-kubernetes-list-type is map'))
  const items = isSchema(schema.items) ? schema.items : undefined
  if (items === undefined) return errors
  if (listType === 'set') errors.push(...setItemErrors(items, `${path}.items`))
  if (listType === 'map') errors.push(...mapItemErrors(items, keys, path, keysPath))
  return errors
}

function setItemErrors(items: JSONSchemaProps, path: string): FieldError[] {
  const words = 'as items of an array of x-kubernetes-list-type=set'
  const errors: FieldError[] = []
  if (items.nullable === true)
    errors.push(forbidden(`${path}.nullable`, `cannot be nullable when x-kubernetes-list-type is set`))
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
    errors.push(
      invalid(`${path}.x-kubernetes-map-type`, items['x-kubernetes-map-type'] ?? '', `must be atomic ${words}`),
    )
  if (items.type === 'array' && !['atomic', undefined].includes(items['x-kubernetes-list-type']))
    errors.push(invalid(`${path}.x-kubernetes-list-type`, items['x-kubernetes-list-type'], `must be atomic ${words}`))
  return errors
}

function mapItemErrors(items: JSONSchemaProps, keys: readonly string[], path: string, keysPath: string): FieldError[] {
  const errors: FieldError[] = []
  if (keys.length === 0) errors.push(required(keysPath, 'must not be empty if x-kubernetes-list-type is map'))
  if (items.type !== 'object')
    errors.push(
      invalid(`${path}.items.type`, items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"),
    )
  if (items.nullable === true)
    errors.push(forbidden(`${path}.items.nullable`, 'cannot be nullable when x-kubernetes-list-type is map'))
  const seen = new Set<string>()
  for (const [index, key] of keys.entries()) {
    const at = `${keysPath}[${index}]`
    const property = Object.hasOwn(items.properties ?? {}, key) ? items.properties?.[key] : undefined
    if (seen.has(key)) errors.push(invalid(at, key, 'must not have duplicate keys'))
    seen.add(key)
    if (property === undefined) errors.push(invalid(at, key, 'entries must all be names of item properties'))
    else if (property.type === 'object' || property.type === 'array')
      errors.push(
        invalid(
          `${path}.items.properties[${key}].type`,
          property.type,
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      )
    else if (property.default === undefined && items.required?.includes(key) !== true)
      errors.push(
        required(
          `${path}.items.properties[${key}].default`,
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      )
  }
  return errors
}

function mapErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const mapType = schema['x-kubernetes-map-type']
  if (mapType === undefined) return []
  const at = `${path}.x-kubernetes-map-type`
  if (mapType !== 'atomic' && mapType !== 'granular') return [notSupported(at, mapType, ['atomic', 'granular'])]
  if (schema.type === 'object') return []
  const words = 'must be object if x-kubernetes-map-type is specified'
  return [(schema.type ?? '') === '' ? required(`${path}.type`, words) : invalid(`${path}.type`, schema.type, words)]
}

function ruleErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  return (schema['x-kubernetes-validations'] ?? []).flatMap(({ rule, message }, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`
    return [
      ...((rule ?? '').trim() === '' ? [required(`${at}.rule`, 'rule is not specified')] : []),
      ...(message !== undefined && message !== '' && message.trim() === ''
        ? [invalid(`${at}.message`, message, 'message must be non-empty if specified')]
        : []),
      ...(message?.trim().includes('\n') === true
        ? [invalid(`${at}.message`, message, 'message must not contain line breaks')]
        : []),
    ]
  })
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

/** The types of expressions. `maximum` bounds the size of a value where a schema says so; estimates use it. */

export interface PlainType {
  readonly kind: 'dyn' | 'null' | 'bool' | 'int' | 'uint' | 'double' | 'timestamp' | 'duration'
}

export interface TextType {
  readonly kind: 'string' | 'bytes'
  readonly maximum?: number
}

export interface ListType {
  readonly kind: 'list'
  readonly element: Type
  readonly maximum?: number
  /** How lists of a CRD compare and add up; absent: item by item. */
  readonly identity?: ListIdentity
}

/** `set`: by their items; otherwise the fields that identify an item. */
export type ListIdentity = 'set' | readonly string[]

export interface MapType {
  readonly kind: 'map'
  readonly key: Type
  readonly value: Type
  readonly maximum?: number
}

export interface ObjectType {
  readonly kind: 'object'
  readonly name: string
  /** The field as an expression names it, which may be escaped; undefined when there is none. */
  field(name: string): ObjectField | undefined
  /** May be written as `Name{field: value}`. */
  readonly constructible: boolean
}

export interface ObjectField {
  /** The name in JSON. */
  readonly name: string
  readonly type: Type
}

export interface OptionalType {
  readonly kind: 'optional'
  readonly element: Type
}

/** A type of a library: values that only its functions know. */
export interface OpaqueType {
  readonly kind: 'opaque'
  readonly name: string
}

export interface ParameterType {
  readonly kind: 'parameter'
  readonly name: string
}

/** The type of a type, such as that of `int`. */
export interface TypeType {
  readonly kind: 'type'
  readonly of: Type | undefined
}

export type Type =
  PlainType | TextType | ListType | MapType | ObjectType | OptionalType | OpaqueType | ParameterType | TypeType

export const dyn: PlainType = { kind: 'dyn' }
export const nullType: PlainType = { kind: 'null' }
export const bool: PlainType = { kind: 'bool' }
export const int: PlainType = { kind: 'int' }
export const uint: PlainType = { kind: 'uint' }
export const double: PlainType = { kind: 'double' }
export const timestamp: PlainType = { kind: 'timestamp' }
export const duration: PlainType = { kind: 'duration' }
export const string: TextType = { kind: 'string' }
export const bytes: TextType = { kind: 'bytes' }
export const listOf = (element: Type): ListType => ({ kind: 'list', element })
export const mapOf = (key: Type, value: Type): MapType => ({ kind: 'map', key, value })
export const optionalOf = (element: Type): OptionalType => ({ kind: 'optional', element })
export const opaque = (name: string): OpaqueType => ({ kind: 'opaque', name })
export const typeOf = (of: Type): TypeType => ({ kind: 'type', of })

/** An object type with these fields, by the names that expressions use. */
export function objectType(name: string, fields: Readonly<Record<string, Type>>, constructible = false): ObjectType {
  return {
    ...{ kind: 'object', name, constructible },
    field: (field) => {
      const type = Object.hasOwn(fields, field) ? fields[field] : undefined
      return type === undefined ? undefined : { name: field, type }
    },
  }
}

/** As error messages write it. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'list':
      return `list(${typeText(type.element)})`
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`
    case 'optional':
      return `optional_type(${typeText(type.element)})`
    case 'object':
    case 'opaque':
    case 'parameter':
      return type.name
    case 'type':
      return type.of === undefined ? 'type' : `type(${typeText(type.of)})`
    case 'timestamp':
    case 'duration':
      return type.kind
    default:
      return type.kind
  }
}

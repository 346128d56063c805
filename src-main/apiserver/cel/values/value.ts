/** Values of expressions. Nothing changes them once they are made. */
import type { ListIdentity } from '../types/type.ts'
import type { Duration, Timestamp } from './time.ts'
import type { Uint } from './uint.ts'

export type Value =
  | null
  | boolean
  | bigint
  | Uint
  | number
  | string
  | Uint8Array
  | Timestamp
  | Duration
  | readonly Value[]
  | MapValue
  | OptionalValue
  | TypeValue
  | OpaqueValue

export type MapKey = boolean | bigint | Uint | string

/** A map, or an object: a map whose fields are known by name. */
export abstract class MapValue {
  abstract readonly size: number
  abstract get(key: Value): Value | undefined
  abstract keys(): readonly MapKey[]
  /** A field by the name that an expression uses, which may be escaped. */
  field(name: string): Value | undefined {
    return this.get(name)
  }
  /** The name of the object's type, if it has one. */
  get typeName(): string | undefined {
    return undefined
  }
}

export class OptionalValue {
  readonly value: Value | undefined

  constructor(value: Value | undefined) {
    this.value = value
  }
}

export const none = new OptionalValue(undefined)

export class TypeValue {
  /** As `type(x)` compares it. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A value of a library's own type. */
export abstract class OpaqueValue {
  abstract readonly typeName: string
  abstract equals(other: OpaqueValue): boolean
}

/** Lists of a CRD that are sets or maps of their items. */
const identities = new WeakMap<readonly Value[], ListIdentity>()

export const identityOf = (list: readonly Value[]): ListIdentity | undefined => identities.get(list)

export function withIdentity(list: readonly Value[], identity: ListIdentity | undefined): readonly Value[] {
  if (identity !== undefined) identities.set(list, identity)
  return list
}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

/** The two forms of maps that are made by expressions: with any keys, and objects written as `Name{…}`. */
import { Uint } from './uint.ts'
import { MapValue, type MapKey, type Value } from './value.ts'

/** One text for each key: numbers of all types that are equal have the same. Undefined: it can be no key. */
export function keyText(key: Value): string | undefined {
  switch (typeof key) {
    case 'string':
      return `s${key}`
    case 'boolean':
      return key ? 'true' : 'false'
    case 'bigint':
      return `n${key}`
    case 'number':
      return Number.isInteger(key) ? `n${BigInt(key)}` : undefined
    default:
      return key instanceof Uint ? `n${key.value}` : undefined
  }
}

export class LiteralMap extends MapValue {
  private readonly entries: ReadonlyMap<string, { readonly key: MapKey; readonly value: Value }>

  constructor(entries: ReadonlyMap<string, { readonly key: MapKey; readonly value: Value }>) {
    super()
    this.entries = entries
  }

  override get size(): number {
    return this.entries.size
  }

  override get(key: Value): Value | undefined {
    const text = keyText(key)
    return text === undefined ? undefined : this.entries.get(text)?.value
  }

  override keys(): readonly MapKey[] {
    return [...this.entries.values()].map(({ key }) => key)
  }
}

export class StructValue extends MapValue {
  private readonly name: string
  private readonly fields: ReadonlyMap<string, Value>

  constructor(name: string, fields: ReadonlyMap<string, Value>) {
    super()
    this.name = name
    this.fields = fields
  }

  override get typeName(): string {
    return this.name
  }

  override get size(): number {
    return this.fields.size
  }

  override get(key: Value): Value | undefined {
    return typeof key === 'string' ? this.fields.get(key) : undefined
  }

  override keys(): readonly MapKey[] {
    return [...this.fields.keys()]
  }
}

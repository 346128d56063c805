/** Objects of the API as values: read where an expression looks, and no further. */
import { bytes as bytesType, dyn, type ObjectType, type Type } from '../types/type.ts'
import { parseDuration, parseTimestamp } from './time.ts'
import { MapValue, withIdentity, type MapKey, type Value } from './value.ts'

type Json = Readonly<Record<string, unknown>>

/** A value of plain JSON data as a type says to read it; `dyn` takes it as it is. */
export function fromJson(json: unknown, type: Type = dyn): Value {
  if (json === null || json === undefined) return null
  switch (typeof json) {
    case 'boolean':
      return json
    case 'number':
      return numberFrom(json, type)
    case 'string':
      return textFrom(json, type)
    case 'object':
      return Array.isArray(json) ? listFrom(json, type) : new JsonMap(json as Json, type)
    default:
      return null
  }
}

function numberFrom(json: number, type: Type): Value {
  return type.kind === 'double' || !Number.isInteger(json) ? json : BigInt(json)
}

function textFrom(json: string, type: Type): Value {
  if (type.kind === 'timestamp') return parseTimestamp(json) ?? parseTimestamp(`${json}T00:00:00Z`) ?? json
  if (type.kind === 'duration') return parseDuration(json) ?? json
  return type.kind === bytesType.kind ? new Uint8Array(Buffer.from(json, 'base64')) : json
}

function listFrom(json: readonly unknown[], type: Type): readonly Value[] {
  const element = type.kind === 'list' ? type.element : dyn
  const items = json.map((item) => fromJson(item, element))
  return type.kind === 'list' ? withIdentity(items, type.identity) : items
}

export class JsonMap extends MapValue {
  private readonly json: Json
  private readonly type: Type
  private readonly read = new Map<string, Value>()

  constructor(json: Json, type: Type) {
    super()
    this.json = json
    this.type = type
  }

  override get typeName(): string | undefined {
    return this.type.kind === 'object' ? this.type.name : undefined
  }

  override get size(): number {
    return Object.keys(this.json).length
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined
    const known = this.read.get(key)
    if (known !== undefined) return known
    const { type } = this
    const field = type.kind === 'object' ? fieldByName(type, key) : undefined
    if (type.kind === 'object' && field === undefined) return undefined
    const name = field?.name ?? key
    const json = Object.hasOwn(this.json, name) ? this.json[name] : undefined
    if (json === undefined) return undefined
    const value = fromJson(json, field?.type ?? (type.kind === 'map' ? type.value : dyn))
    this.read.set(key, value)
    return value
  }

  /** Objects without a type are also found by escaped names, as typed ones are. */
  override field(name: string): Value | undefined {
    const found = this.get(name)
    if (found !== undefined || this.type.kind !== 'dyn' || !name.includes('__')) return found
    const plain = unescapeName(name)
    return plain === undefined ? undefined : this.get(plain)
  }

  override keys(): readonly MapKey[] {
    return Object.keys(this.json).filter((key) => this.json[key] !== undefined)
  }

  /** The data itself. */
  get plain(): Json {
    return this.json
  }
}

const fieldByName = (type: ObjectType, name: string): ReturnType<ObjectType['field']> => type.field(name)

const escapes: readonly (readonly [string, string])[] = [
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
]

const reserved: ReadonlySet<string> = new Set([
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import'],
  ...['let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
])

/** How an expression names a field; undefined when it cannot. */
export function escapeName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return undefined
  return name.replace(/__|[./-]/g, (part) => escapes.find(([plain]) => plain === part)?.[1] ?? part)
}

/** What an escaped name means; undefined when it is no escaped name. */
export function unescapeName(escaped: string): string | undefined {
  const word = /^__([a-z]+)__$/.exec(escaped)?.[1]
  if (word !== undefined && reserved.has(word)) return word
  const name = escaped.replace(
    /__(underscores|dot|dash|slash)__/g,
    (part) => escapes.find(([, written]) => written === part)?.[0] ?? part,
  )
  return escapeName(name) === escaped ? name : undefined
}

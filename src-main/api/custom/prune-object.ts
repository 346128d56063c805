/** Takes out of a custom object what its schema does not know, and brings nulls into the form in which they are kept. */
import { checkFields } from '../schema/check-fields.ts'
import { prune } from '../schema/prune.ts'
import { schemaNamed } from '../schema/schema.ts'
import { setOwn } from '../schema/own-property.ts'
import type { ObjectSchema } from '../schema/type-schema.ts'
import type { StructuralSchema } from './structural-schema.ts'

type Fields = Record<string, unknown>

/** Of names and list indexes in a path. */
const maximumDepth = 1000
/** More would only make the answer longer. */
const maximumUnknown = 100

export interface Pruned {
  /** The argument itself when nothing had to go. */
  readonly object: Fields
  /** Paths such as `spec.foo[0].bar`. */
  readonly unknown: readonly string[]
  /** What the API server says of a value that cannot be decoded: metadata of the wrong type, or too deep nesting. */
  readonly mismatch: string | undefined
}

export const metaSchema = schemaNamed('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta') as ObjectSchema

/** `object` is left as it is. */
export function pruneObject(object: Fields, schema: StructuralSchema): Pruned {
  const walk = new Walk()
  const result = walk.resource(object, schema)
  return { object: result, unknown: walk.unknown, mismatch: walk.mismatch }
}

class Walk {
  readonly unknown: string[] = []
  mismatch: string | undefined
  private readonly path: (string | number)[] = []

  /** An object with apiVersion, kind and metadata, which no schema has to declare. */
  resource(object: Fields, schema: StructuralSchema): Fields {
    return this.fields(object, schema, true)
  }

  private value(value: unknown, schema: StructuralSchema): unknown {
    if (typeof value !== 'object' || value === null) return value
    if (this.path.length > maximumDepth) {
      this.mismatch ??= 'exceeded max depth'
      return value
    }
    if (Array.isArray(value))
      return schema.items === undefined ? this.unchecked(value) : this.items(value, schema.items)
    return this.fields(value as Fields, schema, schema.embeddedResource)
  }

  private fields(fields: Fields, schema: StructuralSchema, isResource: boolean): Fields {
    let copy: Fields | undefined
    for (const name of Object.keys(fields)) {
      const before = fields[name]
      this.path.push(name)
      const after =
        isResource && resourceFields.has(name) ? this.ofResource(name, before) : this.field(name, before, schema)
      this.path.pop()
      if (after === before && after !== undefined) continue
      copy ??= { ...fields }
      if (after === undefined) Reflect.deleteProperty(copy, name)
      else setOwn(copy, name, after)
    }
    return copy ?? fields
  }

  /** Undefined: it goes. */
  private field(name: string, value: unknown, schema: StructuralSchema): unknown {
    const declared = schema.properties.get(name) ?? schema.additional
    if (declared === undefined) {
      if (schema.preserveUnknownFields) return this.unchecked(value)
      if (this.unknown.length < maximumUnknown) this.unknown.push(pathOf(this.path))
      return undefined
    }
    if (declared === true) return this.unchecked(value)
    // Where null is no value of its own it means absent; a default takes its place later.
    if (value === null && !declared.nullable) return undefined
    return this.value(value, declared)
  }

  private items(items: readonly unknown[], schema: StructuralSchema): readonly unknown[] {
    let copy: unknown[] | undefined
    for (const [index, before] of items.entries()) {
      this.path.push(index)
      const after = this.value(before, schema)
      this.path.pop()
      if (copy === undefined && after !== before) copy = items.slice(0, index)
      copy?.push(after)
    }
    return copy ?? items
  }

  private ofResource(name: string, value: unknown): unknown {
    if (name !== 'metadata') return value
    if (value === null) return undefined
    const { unknown, mismatches } = checkFields({ metadata: value }, resourceSchema)
    const [mismatch] = mismatches
    if (mismatch !== undefined) {
      this.mismatch ??= mismatch.message
      return value
    }
    const prefix = pathOf(this.path.slice(0, -1))
    for (const one of unknown) this.unknown.push(prefix === '' ? one : `${prefix}.${one}`)
    return prune({ metadata: value }, resourceSchema).metadata
  }

  /** What no schema describes is kept, unless it lies too deep for everything that comes after. */
  private unchecked<T>(value: T): T {
    if (!fitsDepth(value, maximumDepth - this.path.length)) this.mismatch ??= 'exceeded max depth'
    return value
  }
}

const resourceFields = new Set(['apiVersion', 'kind', 'metadata'])
const resourceSchema: ObjectSchema = {
  type: 'object',
  name: 'ObjectMeta',
  fields: new Map([
    [
      'metadata',
      {
        ...{ name: 'metadata', type: metaSchema, required: false, default: undefined, patchStrategies: [] },
        ...{ mergeKey: undefined, mapType: undefined, nullable: false },
      },
    ],
  ]),
  mapType: 'granular',
  unions: [],
  preserveUnknownFields: false,
}

/** Whether nothing in the value lies deeper than `levels`; level by level, for deep values end a recursion. */
export function fitsDepth(value: unknown, levels: number): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return false
    const next: unknown[] = []
    for (const one of level)
      if (typeof one === 'object' && one !== null) for (const child of Object.values(one)) next.push(child)
    level = next
  }
  return true
}

export function pathOf(path: readonly (string | number)[]): string {
  let text = ''
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : text === '' ? part : `.${part}`
  return text
}

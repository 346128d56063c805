/** No object that fits into a request may hold the server up: what is done with it takes time as its size, not as its square. */
import { describe, expect, it } from 'vitest'
import type { Kind } from '../define-kind.ts'
import type { DynamicObject } from '../meta/object.ts'
import { schemaOf } from '../schema/schema.ts'
import type { TypeSchema } from '../schema/type-schema.ts'
import { fastGrowth } from '../../../test/support/growth.ts'
import { kinds } from './index.ts'

const bytes = 200_000
const mostItems = 15_000
const depth = 9
const itemDepth = 3

/** A value that fits a type, with everything in it; `text` and `number` give what stands in its fields. */
function fullValue(type: TypeSchema, levels: number, text: () => string, number: () => number): unknown {
  switch (type.type) {
    case 'object': {
      const entries = [...type.fields.values()].map(
        (field) => [field.name, levels === 0 ? undefined : fullValue(field.type, levels - 1, text, number)] as const,
      )
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
    }
    case 'map':
      return levels > 0 ? { x: fullValue(type.values, levels - 1, text, number) } : {}
    case 'array':
      return levels > 0 ? [fullValue(type.items, levels - 1, text, number)] : []
    case 'any':
      return {}
    case 'integer':
    case 'number':
      return number()
    case 'boolean':
      return true
    case 'time':
    case 'micro-time':
      return '2026-01-01T00:00:00Z'
    case 'quantity':
      return '1'
    default:
      return text()
  }
}

const plain = (type: TypeSchema, levels: number): unknown =>
  fullValue(
    type,
    levels,
    () => 'x',
    () => 1,
  )

/** Items that are all the same, or all different, together so many bytes. */
function items(type: TypeSchema, share: number, distinct: boolean): unknown[] {
  let count = 0
  const one = (): unknown =>
    distinct
      ? fullValue(
          type,
          itemDepth,
          () => `x${++count}`,
          () => ++count,
        )
      : plain(type, itemDepth)
  const length = Math.min(mostItems * share, (bytes * share) / (JSON.stringify(one()).length + 1))
  return Array.from({ length }, one)
}

/** Long rows of what stands at the ends of texts. */
const longText = (share: number): string =>
  [...'/= .0-'].map((character) => character.repeat((bytes * share) / 6)).join('') + 'a'

/** `share`: of the full size. */
type Filler = (share: number) => unknown

function fillersOf(type: TypeSchema): Filler[] {
  if (type.type === 'array') return [false, true].map((distinct) => (share) => items(type.items, share, distinct))
  if (type.type === 'map')
    return [(share) => Object.fromEntries(items(type.values, share, true).map((value, index) => [`k${index}`, value]))]
  return type.type === 'string' ? [longText] : []
}

interface Place {
  readonly path: string
  readonly type: TypeSchema
  /** Puts another value there, in a copy of the object. */
  readonly fill: (value: unknown) => DynamicObject
}

/** Pods are looked at as such: the templates of all workloads are read by the same code. */
const isTemplate = (path: string): boolean => /\.template\.(spec|metadata)$/.test(path)

function* placesOf(
  type: TypeSchema,
  path: string,
  levels: number,
  fill: (value: unknown) => DynamicObject,
): Generator<Place> {
  if (levels === 0 || isTemplate(path)) return
  yield { path, type, fill }
  if (type.type === 'array') {
    yield* placesOf(type.items, `${path}[]`, levels - 1, (value) => fill([value]))
  } else if (type.type === 'object') {
    const whole = plain(type, levels) as Record<string, unknown>
    for (const field of type.fields.values())
      yield* placesOf(field.type, `${path}.${field.name}`, levels - 1, (value) =>
        fill({ ...structuredClone(whole), [field.name]: value }),
      )
  }
}

function* placesIn(kind: Kind): Generator<Place> {
  const schema = schemaOf(kind)
  if (schema === undefined) throw new Error(`no schema for ${kind.kind}`)
  for (const field of schema.fields.values()) {
    if (field.name === 'metadata' || field.name === 'apiVersion' || field.name === 'kind') continue
    yield* placesOf(field.type, `.${field.name}`, depth - 1, (value) => {
      return { ...(structuredClone(plain(schema, depth)) as DynamicObject), [field.name]: value }
    })
  }
}

/** What a server does with an object that is written, but for its bytes. */
function write(kind: Kind, previous: DynamicObject, object: DynamicObject): void {
  kind.defaults?.(object)
  kind.prepareCreate?.(object)
  const errors = [...(kind.validate?.(object) ?? []), ...(kind.validateNew?.(object) ?? [])]
  kind.prepareUpdate?.(object, previous)
  errors.push(...(kind.validateUpdate?.(object, previous) ?? []), ...(kind.validateStatus?.(object, previous) ?? []))
  try {
    kind.warn?.(object, undefined)
  } catch (error) {
    // Of what is invalid nobody is warned, and warnings may take it to be as its type says.
    if (errors.length === 0) throw error
  }
}

describe.each(kinds.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind] as const))('%s', (_, kind) => {
  it('is written in a time that grows as its size', { timeout: 120_000 }, async () => {
    const fast: string[] = []
    const previous = plain(schemaOf(kind) as TypeSchema, depth) as DynamicObject
    for (const { path, type, fill } of placesIn(kind)) {
      for (const filler of fillersOf(type)) {
        const growth = await fastGrowth((share) => {
          const object = fill(filler(share))
          return () => write(kind, previous, object)
        })
        if (growth !== undefined) fast.push(`${path}: ${growth}`)
      }
    }
    expect(fast).toEqual([])
  })
})

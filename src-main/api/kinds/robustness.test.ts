import { describe, expect, it } from 'vitest'
import type { Kind } from '../define-kind.ts'
import type { DynamicObject } from '../meta/object.ts'
import { schemaOf } from '../schema/schema.ts'
import type { TypeSchema } from '../schema/type-schema.ts'
import { kinds } from './index.ts'

type Filling = 'hollow' | 'full'

/** A value that fits a type: with every object and list in place, and scalars left out or set. */
function valueOf(type: TypeSchema, filling: Filling, depth: number): unknown {
  const full = filling === 'full'
  switch (type.type) {
    case 'object': {
      const entries = [...type.fields.values()].map(
        (field) => [field.name, depth === 0 ? undefined : valueOf(field.type, filling, depth - 1)] as const,
      )
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
    }
    case 'map': {
      return depth > 0 && full ? { x: valueOf(type.values, filling, depth - 1) } : {}
    }
    case 'array': {
      const item = depth > 0 ? valueOf(type.items, filling, depth - 1) : undefined
      return item === undefined ? [] : [item, structuredClone(item)]
    }
    case 'any':
      return full ? {} : undefined
    case 'integer':
    case 'number':
      return full ? 1 : undefined
    case 'boolean':
      return full ? true : undefined
    case 'time':
    case 'micro-time':
      return full ? '2026-01-01T00:00:00Z' : undefined
    case 'quantity':
      return full ? '1' : undefined
    default:
      return full ? 'x' : undefined
  }
}

function objectOf(kind: Kind, filling: Filling): DynamicObject {
  const schema = schemaOf(kind)
  if (schema === undefined) throw new Error(`no schema for ${kind.kind}`)
  return valueOf(schema, filling, 9) as DynamicObject
}

/** Everything that a server does with an object of a kind. */
function exercise(kind: Kind, object: DynamicObject, previous: DynamicObject): void {
  kind.defaults?.(object)
  kind.prepareCreate?.(object)
  kind.validate?.(object)
  kind.prepareUpdate?.(object, previous)
  kind.validateUpdate?.(object, previous)
  kind.nameRule?.('a', false)
  for (const column of kind.columns ?? []) column.cell(object, 0)
  for (const read of Object.values(kind.selectableFields ?? {})) expect(typeof read(object)).toBe('string')
}

describe.each(kinds.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind] as const))('%s', (_, kind) => {
  it('bears objects that say nothing, and objects that say everything', () => {
    const bodies = (): DynamicObject[] => [
      {},
      { metadata: {} },
      { spec: {}, status: {} },
      objectOf(kind, 'hollow'),
      objectOf(kind, 'full'),
    ]
    for (const [index, object] of bodies().entries()) {
      for (const previous of [{}, bodies()[index] ?? {}]) exercise(kind, structuredClone(object), previous)
    }
  })

  it('has defaults that are the same the second time', () => {
    for (const filling of ['hollow', 'full'] as const) {
      const once = objectOf(kind, filling)
      kind.defaults?.(once)
      const twice = structuredClone(once)
      kind.defaults?.(twice)
      expect(twice).toEqual(once)
    }
  })

  it('has columns of distinct names', () => {
    const names = (kind.columns ?? []).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})

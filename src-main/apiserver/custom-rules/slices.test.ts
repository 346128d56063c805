import { describe, expect, it } from 'vitest'
import { startTestServer } from '../../../test/support/api-server.ts'
import { aCronTab, aDefinition, aVersion, cronTabsPath, establish } from '../../../test/support/custom-resources.ts'
import { readSchema } from '../../api/custom/read-schema.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { JSONSchemaProps } from '../../api/types/apiextensions-v1.ts'
import type { Sliced } from '../../lib/sliced.ts'
import { expressionLimit, sliceUnits } from '../cel/evaluation/meter.ts'
import { checkDefinitionRules } from './check-definition.ts'
import { compileRules } from './compile-rules.ts'

/** `count` objects with a rule each. */
const schemaOf = (count: number): JSONSchemaProps => {
  const one: JSONSchemaProps = {
    type: 'object',
    properties: { a: { type: 'integer' } },
    'x-kubernetes-validations': [{ rule: '!has(self.a) || self.a > 0' }],
  }
  const properties = Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, one]))
  return { type: 'object', properties: { spec: { type: 'object', properties } } }
}
const definitionOf = (schema: JSONSchemaProps) => aDefinition([aVersion('v1', { schema: { openAPIV3Schema: schema } })])
const specOf = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, { a: 1 }]))

/** The most work between two moments at which others could have their turn. */
function longestSlice(work: Sliced<unknown>): { longest: number; total: number } {
  const steps: number[] = []
  for (let next = work.next(); next.done !== true; next = work.next()) steps.push(next.value)
  return { longest: Math.max(...steps), total: steps.reduce((sum, step) => sum + step, 0) }
}

describe('nobody waits long for', () => {
  it('the rules of a large definition to be compiled', () => {
    const { longest, total } = longestSlice(checkDefinitionRules(definitionOf(schemaOf(400)) as never))
    expect(total).toBeGreaterThan(5 * sliceUnits)
    expect(longest).toBeLessThan(sliceUnits / 10)
  })

  it('the rules of a large object to be asked', () => {
    const check = compileRules(readSchema(schemaOf(400)))
    const { longest, total } = longestSlice(check(aCronTab('a', specOf(400)) as DynamicObject, undefined))
    expect(total).toBeGreaterThan(5 * sliceUnits)
    expect(longest).toBeLessThan(sliceUnits / 10)
  })

  it('expensive rules: each is a slice of its own, and none costs more than one may', () => {
    const expensive: JSONSchemaProps = {
      type: 'array',
      items: { type: 'integer' },
      'x-kubernetes-validations': [{ rule: 'self.all(x, self.all(y, x + y > 0))' }],
    }
    const properties = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`p${index}`, expensive]))
    const check = compileRules(readSchema({ type: 'object', properties: { spec: { type: 'object', properties } } }))
    const items = Array.from({ length: 300 }, () => 1)
    const spec = Object.fromEntries(Object.keys(properties).map((name) => [name, items]))
    const { longest, total } = longestSlice(check(aCronTab('a', spec) as DynamicObject, undefined))
    expect(total).toBeGreaterThan(2 * expressionLimit)
    expect(longest).toBeLessThanOrEqual(expressionLimit)
  })

  it('a definition to be taken in, or the first object of it', async () => {
    let turns = 0
    const lab = await startTestServer({ nextTurn: async () => void turns++ })
    await establish(lab, definitionOf(schemaOf(400)))
    expect(turns).toBeGreaterThanOrEqual(10)
    turns = 0
    await lab.send('POST', cronTabsPath, { body: aCronTab('a', specOf(400)) })
    expect(turns).toBeGreaterThanOrEqual(5)
    turns = 0
    await lab.send('POST', cronTabsPath, { body: aCronTab('b', specOf(3)) })
    expect(turns).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { startTestServer } from '../../../test/support/api-server.ts'
import {
  aCronTab,
  aDefinition,
  aSpec,
  aVersion,
  cronTabsPath,
  definitionsPath,
  establish,
} from '../../../test/support/custom-resources.ts'
import { StatusError } from '../../api/errors.ts'
import type { JSONSchemaProps } from '../../api/types/apiextensions-v1.ts'

const text = { type: 'string' } as const
const nested = (levels: number, wrap: (inner: string) => string): string => {
  let json = '{"type":"string"}'
  for (let level = 0; level < levels; level++) json = wrap(json)
  return json
}
/** A definition whose `spec.x` has a schema that is given as JSON. */
const definitionWith = (x: string): string =>
  JSON.stringify(aDefinition([aVersion('v1', aSpec({ x: { type: 'string', description: 'HERE' } }))])).replace(
    '{"type":"string","description":"HERE"}',
    () => x,
  )

async function refused(body: string): Promise<number> {
  const { send } = await startTestServer()
  const error: unknown = await send('POST', definitionsPath, { body }).catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(StatusError)
  return (error as StatusError).code
}

describe('a definition that means no good is refused', () => {
  it.each([
    [
      'properties in properties without end',
      definitionWith(nested(3000, (inner) => `{"type":"object","properties":{"a":${inner}}}`)),
    ],
    ['items in items without end', definitionWith(nested(20_000, (inner) => `{"type":"array","items":${inner}}`))],
    [
      'maps of maps without end',
      definitionWith(nested(20_000, (inner) => `{"type":"object","additionalProperties":${inner}}`)),
    ],
    ['logic without end', definitionWith(nested(5000, (inner) => `{"not":${inner}}`))],
    [
      'more places than anybody wrote',
      definitionWith(
        `{"type":"object","properties":{${Array.from({ length: 40_000 }, (_, index) => `"a${index}":{"type":"string"}`).join()}}}`,
      ),
    ],
    [
      'a pattern too large',
      definitionWith(JSON.stringify({ ...text, pattern: '((a{1,100}){1,10}b{1,1000}){1,10}'.repeat(3) })),
    ],
    ['a pattern too deep', definitionWith(JSON.stringify({ ...text, pattern: '('.repeat(100_000) }))],
  ])('%s', async (_name, body) => {
    expect(await refused(body)).toBeGreaterThanOrEqual(400)
    expect(await refused(body)).toBeLessThan(500)
  })
})

describe('an object that means no good', () => {
  const withX = (x: JSONSchemaProps) => aDefinition([aVersion('v1', aSpec({ x }))])

  it('does not make a pattern backtrack', async () => {
    const lab = await startTestServer()
    await establish(lab, withX({ ...text, pattern: '^(a+)+$' }))
    const body = aCronTab('a', { x: `${'a'.repeat(100_000)}!` })
    await expect(lab.send('POST', cronTabsPath, { body })).rejects.toMatchObject({ code: 422 })
  })

  it('cannot nest deeper than anything that reads it', async () => {
    const lab = await startTestServer()
    await establish(lab, withX({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }))
    const body = JSON.stringify(aCronTab('a', { x: 'HERE' })).replace(
      '"HERE"',
      `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
    )
    await expect(lab.send('POST', cronTabsPath, { body })).rejects.toMatchObject({ code: 400 })
  })

  it('is told of a long list of values by its first ones', async () => {
    const lab = await startTestServer()
    await establish(lab, withX({ ...text, enum: Array.from({ length: 50_000 }, (_, index) => `v${index}`) }))
    const error = (await lab
      .send('POST', cronTabsPath, { body: aCronTab('a', { x: 'w' }) })
      .catch((one: unknown) => one)) as StatusError
    expect(error.code).toBe(422)
    expect(error.message.length).toBeLessThan(2000)
    await lab.send('POST', cronTabsPath, { body: aCronTab('b', { x: 'v49999' }) })
  })

  it('keeps a field that is named like a prototype a field', async () => {
    const lab = await startTestServer()
    await establish(lab, withX({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }))
    const body = JSON.stringify(aCronTab('a', { x: {} })).replace('"x":{}', '"x":{"__proto__":{"a":1}}')
    await lab.send('POST', cronTabsPath, { body })
    const answer = await lab.send('GET', `${cronTabsPath}/a`)
    const bytes = answer.type === 'object' ? new TextDecoder().decode(answer.stored.bytes()) : ''
    expect(bytes).toContain('"__proto__":{"a":1}')
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JSONSchemaProps } from '../../src-main/api/types/apiextensions-v1.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { directDoor, type Door, type Reply } from '../support/api-door.ts'
import { aDefinition, aVersion, establish } from '../support/custom-resources.ts'

/** The strict field validation of custom objects, created and applied: conformance entries of sig-api-machinery. */
let server: TestServer
let door: Door
const keeps = { 'x-kubernetes-preserve-unknown-fields': true }

const aKind = (plural: string, kind: string, schema: JSONSchemaProps) =>
  aDefinition([aVersion('v1', { schema: { openAPIV3Schema: schema } })], { names: { plural, kind } })

const withSchema: JSONSchemaProps = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { cronSpec: { type: 'string' }, ports: { type: 'array', items: { type: 'integer' } } },
    },
  },
}
const withEmbedded: JSONSchemaProps = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { template: { type: 'object', 'x-kubernetes-embedded-resource': true, ...keeps } },
    },
  },
}

beforeAll(async () => {
  server = await startTestServer()
  door = directDoor(server)
  await establish(server, aKind('frees', 'Free', { type: 'object', ...keeps }))
  await establish(server, aKind('typeds', 'Typed', withSchema))
  await establish(server, aKind('nesteds', 'Nested', withEmbedded))
})
afterAll(() => server.server.dispose())

const text = (kind: string, name: string, rest: string, metadata = ''): string =>
  `{"apiVersion":"stable.example.com/v1","kind":"${kind}","metadata":{"name":"${name}"${metadata}},${rest}}`
const pathOf = (kind: string): string => `/apis/stable.example.com/v1/namespaces/default/${kind.toLowerCase()}s`

const create = (kind: string, rest: string, metadata?: string): Promise<Reply> =>
  door.ask('POST', `${pathOf(kind)}?fieldValidation=Strict`, { body: text(kind, 'created', rest, metadata) })
const apply = (kind: string, rest: string, metadata?: string): Promise<Reply> =>
  door.ask('PATCH', `${pathOf(kind)}/applied?fieldValidation=Strict&fieldManager=me`, {
    contentType: 'application/apply-patch+yaml',
    body: text(kind, 'applied', rest, metadata),
  })

describe('strict validation of custom objects', () => {
  it('takes unknown fields where the kind has no schema for them', async () => {
    const rest = '"spec":{"foo":"foo1","cronSpec":"* * * * */5"},"other":[1]'
    for (const { code, object } of [await create('Free', rest), await apply('Free', rest)]) {
      expect(code).toBe(201)
      expect(object).toMatchObject({ spec: { foo: 'foo1' }, other: [1] })
    }
  })

  it('takes a valid object of a kind that has a schema', async () => {
    const rest = '"spec":{"cronSpec":"* * * * */5","ports":[1,2]}'
    for (const { code, object } of [await create('Typed', rest), await apply('Typed', rest)]) {
      expect(code).toBe(201)
      expect(object.spec).toEqual({ cronSpec: '* * * * */5', ports: [1, 2] })
    }
  })

  it('refuses what the schema does not know', async () => {
    const rest = '"spec":{"cronSpec":"* * * * */5","extraProperty":"x"}'
    const created = await create('Typed', rest)
    expect([created.code, created.object.message]).toEqual([
      400,
      'Typed in version "v1" cannot be handled as a Typed: strict decoding error: unknown field "spec.extraProperty"',
    ])
    const applied = await apply('Typed', rest)
    expect(applied.code).toBe(500)
    expect(applied.object.message).toContain('.spec.extraProperty: field not declared in schema')
  })

  it('refuses a field that is there twice, even where all fields are kept', async () => {
    const rest = '"spec":{"foo":"a","foo":"b"}'
    const created = await create('Free', rest)
    expect([created.code, created.object.message]).toEqual([
      400,
      'Free in version "v1" cannot be handled as a Free: strict decoding error: duplicate field "spec.foo"',
    ])
    const applied = await apply('Free', rest)
    expect([applied.code, applied.object.message]).toEqual([
      400,
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 1: key "foo" already set in map',
    ])
  })

  it('refuses unknown metadata, of the object and of one within it', async () => {
    const template = (more: string): string =>
      `"spec":{"template":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"n"${more}}}}`
    expect((await create('Nested', template(''))).code).toBe(201)
    const created = await create('Nested', template(',"unknownSubMeta":"y"'), ',"unknownMeta":"x"')
    expect(created.code).toBe(400)
    expect(created.object.message).toContain('strict decoding error: ')
    for (const field of ['metadata.unknownMeta', 'spec.template.metadata.unknownSubMeta'])
      expect(created.object.message).toContain(`unknown field "${field}"`)
    const applied = await apply('Nested', template(',"unknownSubMeta":"y"'), ',"unknownMeta":"x"')
    expect(applied.code).toBe(500)
    expect(applied.object.message).toContain('.metadata.unknownMeta: field not declared in schema')
    expect(applied.object.message).toContain('.spec.template.metadata.unknownSubMeta: field not declared in schema')
  })
})

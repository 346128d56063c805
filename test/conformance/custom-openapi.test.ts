/** What the conformance entries of the published OpenAPI of custom resources describe. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CustomResourceDefinition, JSONSchemaProps } from '../../src-main/api/types/apiextensions-v1.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { aDefinition, aSpec, aVersion, definitionsPath, establish } from '../support/custom-resources.ts'
import { kubectlMissing, kubectlVersions, type Kubectl } from '../support/kubectl.ts'
import { openTlsLab, type TlsLab } from '../support/tls-lab.ts'

let lab: TestServer
beforeEach(async () => {
  lab = await startTestServer({ clock: systemClock })
})

async function json(path: string): Promise<Record<string, unknown>> {
  const answer = await lab.send('GET', path)
  if (answer.type !== 'bytes') throw new Error(`${answer.type} is no document`)
  return JSON.parse(new TextDecoder().decode(answer.bytes)) as Record<string, unknown>
}
/** The names of the custom definitions that are published, in both versions of OpenAPI; those must be the same. */
async function published(): Promise<string[]> {
  const ours = (names: string[]): string[] =>
    names.filter((name) => /^com\.example\./.test(name) && !name.endsWith('List')).toSorted()
  const second = ours(Object.keys((await json('/openapi/v2'))['definitions'] as object))
  const { paths } = (await json('/openapi/v3')) as { paths: Record<string, unknown> }
  const third: string[] = []
  for (const path of Object.keys(paths).filter((one) => one.includes('example.com/'))) {
    const { components } = (await json(`/openapi/v3/${path}`)) as { components: { schemas: object } }
    third.push(...ours(Object.keys(components.schemas)))
  }
  expect(third.toSorted()).toEqual(second)
  return second
}
const named = (group: string, plural: string, kind: string, version: string): CustomResourceDefinition =>
  aDefinition([aVersion(version)], { group, names: { plural, kind } })

describe('the published definitions', () => {
  it('follow a version that is renamed by a patch', async () => {
    const definition = aDefinition([aVersion('v2'), aVersion('v3', { storage: false })])
    await establish(lab, definition)
    expect(await published()).toEqual(['com.example.stable.v2.CronTab', 'com.example.stable.v3.CronTab'])
    await lab.send('PATCH', `${definitionsPath}/crontabs.stable.example.com`, {
      contentType: 'application/json-patch+json',
      body: [
        { op: 'test', path: '/spec/versions/1/name', value: 'v3' },
        { op: 'replace', path: '/spec/versions/1/name', value: 'v4' },
      ],
    })
    expect(await published()).toEqual(['com.example.stable.v2.CronTab', 'com.example.stable.v4.CronTab'])
  })

  it('are there for definitions of several groups and versions', async () => {
    await establish(lab, named('one.example.com', 'crontabs', 'CronTab', 'v1'))
    await establish(lab, named('two.example.com', 'crontabs', 'CronTab', 'v6alpha1'))
    expect(await published()).toEqual(['com.example.one.v1.CronTab', 'com.example.two.v6alpha1.CronTab'])
  })

  it('are there for several kinds of one group and version', async () => {
    await establish(lab, named('one.example.com', 'crontabs', 'CronTab', 'v6'))
    await establish(lab, named('one.example.com', 'foos', 'Foo', 'v6'))
    expect(await published()).toEqual(['com.example.one.v6.CronTab', 'com.example.one.v6.Foo'])
  })
})

const missing = kubectlMissing()
describe.skipIf(missing !== undefined)(`kubectl${missing === undefined ? '' : ` (${missing})`}`, () => {
  let tls: TlsLab
  let kubectl: Kubectl
  beforeAll(async () => {
    tls = await openTlsLab()
  })
  afterAll(() => tls.dispose())
  beforeEach(async () => {
    await tls.start(lab.server.handler)
    kubectl = tls.kubectl([...kubectlVersions().keys()].at(-1) ?? '')
  })

  const preserving = { 'x-kubernetes-preserve-unknown-fields': true }
  const nested: JSONSchemaProps = { type: 'object', description: 'anything goes in this nested field', ...preserving }
  const cases: [string, JSONSchemaProps, object, RegExp, RegExp][] = [
    ['at its root', { type: 'object', ...preserving }, { a: 1, b: { c: [1] } }, /^KIND: +CronTab$/m, /^VERSION: +v1$/m],
    [
      'in its top level object',
      { type: 'object', properties: { spec: { type: 'object', ...preserving } } },
      { spec: { b: [{ c: 'd' }] } },
      /^DESCRIPTION:\n +<empty>$/m,
      /^ +spec\t<Object>$/m,
    ],
    [
      'in an embedded object',
      {
        type: 'object',
        description: 'a description of this kind',
        properties: { spec: { ...nested, properties: { known: { type: 'string' } } } },
      },
      { spec: { known: 'x', b: [{ c: 'd' }] } },
      /DESCRIPTION:\n +a description of this kind/,
      /spec\t<Object>\n +anything goes in this nested field/,
    ],
  ]
  it.each(cases)('accepts unknown fields where a kind keeps them %s', async (_where, schema, body, ...explained) => {
    await establish(lab, aDefinition([aVersion('v1', { schema: { openAPIV3Schema: schema } })]))
    const manifest = (name: string, more: object = {}): string =>
      JSON.stringify({ apiVersion: 'stable.example.com/v1', kind: 'CronTab', metadata: { name }, ...body, ...more })
    await kubectl.run(['create', '--validate=true', '-f', '-'], manifest('a'))
    await kubectl.run(['apply', '--validate=true', '-f', '-'], manifest('a'))
    await kubectl.run(['apply', '--validate=true', '-f', '-'], manifest('b'))
    const change = { metadata: { name: 'b', labels: { changed: 'yes' } } }
    expect(await kubectl.run(['apply', '--validate=true', '-f', '-'], manifest('b', change))).toMatch(/b configured/)
    const stored = JSON.parse(await kubectl.run(['get', 'crontabs', 'b', '-o', 'json'])) as object
    expect(stored).toMatchObject(body)
    const text = await kubectl.run(['explain', 'crontabs'])
    for (const pattern of explained) expect(text).toMatch(pattern)
  })

  it('shows nested properties of a schema, and refuses what it does not have', async () => {
    const bars: JSONSchemaProps = {
      ...{ type: 'array', description: 'List of Bars and their specs.' },
      items: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', description: 'Name of Bar.' },
          age: { type: 'string', description: 'Age of Bar.' },
          bazs: { type: 'array', items: { type: 'string' }, description: 'List of Bazs.' },
        },
      },
    }
    await establish(lab, aDefinition([aVersion('v1', aSpec({ bars }))]))
    const manifest = (spec: object): string =>
      JSON.stringify({ apiVersion: 'stable.example.com/v1', kind: 'CronTab', metadata: { name: 'a' }, spec })
    for (const verb of ['create', 'apply']) {
      const attempt = (spec: object) => kubectl.try([verb, '--validate=true', '-f', '-'], manifest(spec))
      expect((await attempt({ bars: [{ name: 'x', extra: 1 }] })).stderr).toMatch(
        /unknown field "spec\.bars\[0\]\.extra"/,
      )
      expect((await attempt({ bars: [{ age: '10' }] })).stderr).toMatch(/spec\.bars\[0\]\.name: Required value/)
      await kubectl.run([verb, '--validate=true', '-f', '-'], manifest({ bars: [{ name: 'x', bazs: ['y'] }] }))
    }
    expect(await kubectl.run(['explain', 'crontabs.spec.bars'])).toMatch(
      /FIELD: bars <\[\]Object>\n+DESCRIPTION:\n +List of Bars and their specs\.\n.*bazs\t<\[\]string>\n +List of Bazs\..*name\t<string> -required-/s,
    )
    expect((await kubectl.try(['explain', 'crontabs.spec.nothing'])).stderr).toMatch(/field "nothing" does not exist/)
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JSONSchemaProps } from '../../src-main/api/types/apiextensions-v1.ts'
import type { ManagedFieldsEntry } from '../../src-main/api/types/meta-v1.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { directDoor, type Door, type Reply } from '../support/api-door.ts'
import { aDefinition, aSpec, aVersion, cronTabsPath, establish } from '../support/custom-resources.ts'

/**
 * Random appliers and updaters of one object, and what became of it step by step, as the reference for server-side
 * apply had it: structured-merge-diff, version 4.1.2 of Debian, asked once and recorded. Lists with keys and sets are
 * compared without their order, which is another one in its later versions; what it leaves as null is empty here.
 */
interface Step {
  readonly operation: 'Apply' | 'Update'
  readonly manager: string
  readonly force?: boolean
  readonly spec: object
  /** The fields in conflict; then nothing has changed. */
  readonly conflicts?: readonly string[]
  readonly live?: object
  /** By operation and manager. */
  readonly owners?: Readonly<Record<string, object>>
}

const scenarios = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/recorded/apply-scenarios.json'), 'utf8'),
) as readonly (readonly Step[])[]

const text = { type: 'string' } as const
const fields = (properties: Record<string, JSONSchemaProps>): JSONSchemaProps => ({ type: 'object', properties })
const list = (items: JSONSchemaProps, type: string, ...keys: string[]): JSONSchemaProps => ({
  ...{ type: 'array', items, 'x-kubernetes-list-type': type },
  ...(keys.length === 0 ? {} : { 'x-kubernetes-list-map-keys': keys }),
})
const map = (additionalProperties: JSONSchemaProps): JSONSchemaProps => ({ type: 'object', additionalProperties })

const inner = fields({ x: text, y: text, deep: fields({ p: text, q: text }) })
const item = {
  ...fields({ name: text, value: text, opt: text, in: inner, subs: list(text, 'set') }),
  required: ['name'],
}
const port = {
  ...fields({ port: { type: 'integer' }, protocol: { ...text, default: 'TCP' }, note: text }),
  required: ['port'],
}
const properties: Record<string, JSONSchemaProps> = {
  a: text,
  n: { type: 'integer' },
  set: list(text, 'set'),
  alist: list(text, 'atomic'),
  keyed: list(item, 'map', 'name'),
  ports: list(port, 'map', 'port', 'protocol'),
  m: map(text),
  am: { ...map(text), 'x-kubernetes-map-type': 'atomic' },
  mk: map(inner),
  st: inner,
  ast: { ...fields({ x: text, y: text }), 'x-kubernetes-map-type': 'atomic' },
}
const unordered = new Set(['set', 'subs', 'keyed', 'ports'])

/** The same for every order of fields, and of items where their order is free. */
function sorted(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((one) => sorted(one))
    return unordered.has(name)
      ? items.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1))
      : items
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, part]): [string, unknown] => [key, sorted(part, key)])
  return Object.fromEntries(entries.toSorted(([left], [right]) => (left < right ? -1 : 1)))
}

let lab: TestServer
let door: Door
beforeAll(async () => {
  lab = await startTestServer()
  door = directDoor(lab)
  await establish(lab, aDefinition([aVersion('v1', aSpec(properties))]))
})
afterAll(() => lab.server.dispose())

interface Refusal {
  readonly details?: { readonly causes?: readonly { readonly field: string }[] }
}

interface Found {
  readonly metadata: { readonly resourceVersion: string; readonly managedFields?: readonly ManagedFieldsEntry[] }
  readonly spec?: object
}

async function read(name: string): Promise<Found | undefined> {
  const { code, object } = await door.ask('GET', `${cronTabsPath}/${name}`)
  return code === 404 ? undefined : (object as Found)
}

async function take(name: string, { operation, manager, force = false, spec }: Step): Promise<Reply> {
  const body = (resourceVersion?: string): string =>
    JSON.stringify({ apiVersion: 'stable.example.com/v1', kind: 'CronTab', metadata: { name, resourceVersion }, spec })
  if (operation === 'Apply')
    return door.ask('PATCH', `${cronTabsPath}/${name}?fieldManager=${manager}&force=${force}`, {
      body: body(),
      contentType: 'application/apply-patch+yaml',
    })
  const before = await read(name)
  return before === undefined
    ? door.ask('POST', `${cronTabsPath}?fieldManager=${manager}`, { body: body() })
    : door.ask('PUT', `${cronTabsPath}/${name}?fieldManager=${manager}`, {
        body: body(before.metadata.resourceVersion),
      })
}

describe('appliers and updaters of one object', () => {
  it(`end where the reference ends, in ${scenarios.length} stories`, async () => {
    for (const [index, steps] of scenarios.entries()) {
      const name = `object-${index}`
      for (const [number, step] of steps.entries()) {
        await lab.clock.advance(1000)
        const reply = await take(name, step)
        const conflicts = ((reply.object as Refusal).details?.causes ?? []).map(({ field }) => field)
        const at = `story ${index}, step ${number}`
        expect({ at, conflicts: [...new Set(conflicts)].toSorted() }).toEqual({ at, conflicts: step.conflicts ?? [] })
        if (step.conflicts !== undefined) continue
        const found = await read(name)
        const owners = (found?.metadata.managedFields ?? []).map((one) => [
          `${one.operation} ${one.manager}`,
          one.fieldsV1,
        ])
        expect({ at, live: sorted(found?.spec), owners: Object.fromEntries(owners) }).toEqual({
          ...{ at, live: sorted(step.live), owners: step.owners },
        })
      }
    }
  })
})

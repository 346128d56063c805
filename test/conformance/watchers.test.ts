import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resourceFacts } from '../../src-main/api/kinds/resource-facts.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { directDoor, framesOf, jsonType, type Content, type Door } from '../support/api-door.ts'

let server: TestServer
let door: Door
const maps = '/api/v1/namespaces/default/configmaps'
beforeAll(async () => {
  server = await startTestServer()
  door = directDoor(server)
})
afterAll(() => server.server.dispose())

const create = (name: string, label: string) =>
  door.ask('POST', maps, { body: { metadata: { name, labels: { watch: label } }, data: { step: '0' } } })
const change = (name: string, step: string) =>
  door.ask('PATCH', `${maps}/${name}`, {
    contentType: 'application/merge-patch+json',
    body: JSON.stringify({ data: { step } }),
  })
const nowAt = async (): Promise<string> => (await door.ask('GET', maps)).object.metadata.resourceVersion as string

interface Seen {
  readonly type: string
  readonly name: string
  readonly version: string
}

/** The next events of a watch, from a version on. */
async function follow(from: string, count: number, selector = ''): Promise<Seen[]> {
  const query = `watch=true&resourceVersion=${from}${selector === '' ? '' : `&labelSelector=${encodeURIComponent(selector)}`}`
  const watch = await door.watch(`${maps}?${query}`, jsonType)
  const seen: Seen[] = []
  for await (const { type, object } of framesOf(watch)) {
    seen.push({ type, name: object.metadata.name, version: object.metadata.resourceVersion })
    if (seen.length === count) break
  }
  watch.close()
  return seen
}
const shortly = (seen: readonly Seen[]): string[] => seen.map(({ type, name }) => `${type} ${name}`)

describe('several watchers', () => {
  it('see what matches their selectors, all of it and nothing else', async () => {
    const from = await nowAt()
    const watchers = [follow(from, 3, 'watch=a'), follow(from, 3, 'watch=b'), follow(from, 6, 'watch in (a,b)')]
    for (const label of ['a', 'b', 'c']) await create(`map-${label}`, label)
    for (const label of ['a', 'b', 'c']) await change(`map-${label}`, '1')
    for (const label of ['a', 'b', 'c']) await door.ask('DELETE', `${maps}/map-${label}`)
    const [a = [], b = [], both = []] = await Promise.all(watchers)
    expect(shortly(a)).toEqual(['ADDED map-a', 'MODIFIED map-a', 'DELETED map-a'])
    expect(shortly(b)).toEqual(['ADDED map-b', 'MODIFIED map-b', 'DELETED map-b'])
    expect(shortly(both)).toEqual([
      ...['ADDED map-a', 'ADDED map-b', 'MODIFIED map-a', 'MODIFIED map-b', 'DELETED map-a', 'DELETED map-b'],
    ])
  })

  it('go on from the last version that another watch has seen', async () => {
    const first = follow(await nowAt(), 2)
    await create('again', 'x')
    await change('again', '1')
    const last = (await first).at(-1)?.version ?? ''
    await change('again', '2')
    await door.ask('DELETE', `${maps}/again`)
    expect(shortly(await follow(last, 2))).toEqual(['MODIFIED again', 'DELETED again'])
  })

  it('see concurrent writes in one order, from whichever event they begin', async () => {
    const from = await nowAt()
    const names = Array.from({ length: 5 }, (_, index) => `many-${index}`)
    const all = follow(from, 30)
    await Promise.all(
      names.map(async (name) => {
        await create(name, 'many')
        for (let step = 1; step <= 4; step++) await change(name, String(step))
        await door.ask('DELETE', `${maps}/${name}`)
      }),
    )
    const events = await all
    const versions = events.map(({ version }) => Number(version))
    expect(versions).toEqual(versions.toSorted((left, right) => left - right))
    for (let at = 0; at < events.length - 1; at += 3)
      expect(await follow(events[at]!.version, events.length - at - 1)).toEqual(events.slice(at + 1))
  })
})

describe('the aggregated discovery document', () => {
  it.each(['v2', 'v2beta1'])(
    'in %s has every resource with its verbs, of the core and of all groups',
    async (version) => {
      const accept = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
      const groups: Content[] = []
      for (const root of ['/api', '/apis']) {
        const reply = await door.ask('GET', root, { accept })
        expect(reply.contentType).toBe(accept)
        expect(reply.object).toMatchObject({
          kind: 'APIGroupDiscoveryList',
          apiVersion: `apidiscovery.k8s.io/${version}`,
        })
        groups.push(...reply.object.items)
      }
      const absent = resourceFacts.filter(({ group, version: wanted, resource, kind, namespaced, subresources }) => {
        const found = groups
          .find(({ metadata }) => (metadata.name ?? '') === group)
          ?.versions.find((one: Content) => one.version === wanted)
          ?.resources.find((one: Content) => one.resource === resource)
        const names = (found?.subresources ?? []).map((one: Content) => one.subresource)
        return (
          found?.responseKind.kind !== kind ||
          found.scope !== (namespaced ? 'Namespaced' : 'Cluster') ||
          found.verbs.length === 0 ||
          !Object.keys(subresources).every((name) => names.includes(name))
        )
      })
      const served = absent.filter(({ group }) => !group.endsWith('orrery.dev') && group !== 'metrics.k8s.io')
      expect(served.map(({ group, resource }) => `${resource}.${group}`)).toEqual([])
    },
  )
})

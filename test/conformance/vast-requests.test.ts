/** Requests as large as they may be: what the server does for one grows as its size, not as the square of it. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { directDoor, type Door } from '../support/api-door.ts'
import { fastGrowth } from '../support/growth.ts'

let server: TestServer
let door: Door
beforeAll(async () => {
  server = await startTestServer()
  door = directDoor(server)
})
afterAll(() => server.server.dispose())

const root = '/api/v1/namespaces/default'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const jsonPatch = 'application/json-patch+json'
const apply = 'application/apply-patch+yaml'

const many = <T>(count: number, one: (index: number) => T): T[] =>
  Array.from({ length: Math.floor(count) }, (_, index) => one(index))
const fields = (count: number, prefix: string): object =>
  Object.fromEntries(many(count, (index) => [`${prefix}${index}`, 'v']))
const configMap = (name: string, data: object, metadata: object = {}): object => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data },
})
const deployment = (name: string, env: object[]): object => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'main', image: 'x', env }] } },
  },
})
const containerPatch = (container: object): object => ({
  spec: { template: { spec: { containers: [{ name: 'main', ...container }] } } },
})
const variables = (count: number, value: string): object[] => many(count, (index) => ({ name: `E${index}`, value }))

interface Vast {
  /** What is there before. */
  readonly there?: readonly [target: string, body: object]
  readonly request: readonly [method: string, target: string, contentType: string, body: unknown]
}

/** `share` of the full size; `name` is a new one each time. */
const requests: readonly (readonly [string, (share: number, name: string) => Vast])[] = [
  [
    'strategic patch of a list',
    (share, name) => ({
      there: [deployments, deployment(name, variables(15_000 * share, 'a'))],
      request: ['PATCH', `${deployments}/${name}`, strategic, containerPatch({ env: variables(15_000 * share, 'b') })],
    }),
  ],
  [
    'strategic patch of an order',
    (share, name) => ({
      there: [deployments, deployment(name, variables(15_000 * share, 'a'))],
      request: [
        'PATCH',
        `${deployments}/${name}`,
        strategic,
        containerPatch({
          '$setElementOrder/env': variables(15_000 * share, 'a')
            .toReversed()
            .map((one) => ({ ...one, value: undefined })),
          env: [],
        }),
      ],
    }),
  ],
  [
    'strategic patch that deletes items',
    (share, name) => ({
      there: [deployments, deployment(name, variables(15_000 * share, 'a'))],
      request: [
        'PATCH',
        `${deployments}/${name}`,
        strategic,
        containerPatch({ env: variables(15_000 * share, 'a').map((one) => ({ ...one, $patch: 'delete' })) }),
      ],
    }),
  ],
  [
    'strategic patch of finalizers',
    (share, name) => ({
      there: [`${root}/configmaps`, configMap(name, {}, { finalizers: Object.keys(fields(15_000 * share, 'a.b/f')) })],
      request: [
        'PATCH',
        `${root}/configmaps/${name}`,
        strategic,
        { metadata: { finalizers: Object.keys(fields(15_000 * share, 'a.b/g')) } },
      ],
    }),
  ],
  [
    'merge patch',
    (share, name) => ({
      there: [`${root}/configmaps`, configMap(name, fields(15_000 * share, 'a'))],
      request: ['PATCH', `${root}/configmaps/${name}`, merge, { data: fields(15_000 * share, 'b') }],
    }),
  ],
  [
    'JSON patch at the front of a list',
    (share, name) => ({
      there: [`${root}/configmaps`, configMap(name, {})],
      request: [
        'PATCH',
        `${root}/configmaps/${name}`,
        jsonPatch,
        [
          { op: 'add', path: '/metadata/finalizers', value: [] },
          ...many(9000 * share, (index) => ({ op: 'add', path: '/metadata/finalizers/0', value: `a.b/f${index}` })),
        ],
      ],
    }),
  ],
  [
    'apply of a map',
    (share, name) => ({
      request: [
        'PATCH',
        `${root}/configmaps/${name}?fieldManager=a`,
        apply,
        configMap(name, fields(30_000 * share, 'a')),
      ],
    }),
  ],
  [
    'apply of a list, over another that another manager owns',
    (share, name) => ({
      there: [deployments, deployment(name, variables(10_000 * share, 'a'))],
      request: [
        'PATCH',
        `${deployments}/${name}?fieldManager=a`,
        apply,
        deployment(name, variables(10_000 * share, 'b')),
      ],
    }),
  ],
  [
    'list of a set',
    (share, name) => ({
      request: [
        'PATCH',
        `${root}/configmaps/${name}?fieldManager=a`,
        apply,
        configMap(name, {}, { finalizers: Object.keys(fields(20_000 * share, 'a.b/f')) }),
      ],
    }),
  ],
  [
    'owners',
    (share, name) => ({
      request: [
        'POST',
        `${root}/configmaps`,
        'application/json',
        configMap(
          name,
          {},
          {
            ownerReferences: many(12_000 * share, (index) => ({
              ...{ apiVersion: 'v1', kind: 'ConfigMap', name: `x${index}`, uid: `u${index}` },
            })),
          },
        ),
      ],
    }),
  ],
  [
    'fields that nobody knows',
    (share, name) => ({
      request: [
        'POST',
        `${root}/configmaps`,
        'application/json',
        { ...configMap(name, {}), ...fields(50_000 * share, 'unknown') },
      ],
    }),
  ],
  [
    'field that is there again and again',
    (share, name) => ({
      request: [
        'POST',
        `${root}/configmaps`,
        'application/json',
        `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"data":{${many(80_000 * share, () => '"k":"v"').join()}}}`,
      ],
    }),
  ],
  [
    'selector of labels',
    (share) => ({
      request: [
        'GET',
        `${root}/configmaps?labelSelector=${encodeURIComponent(Object.keys(fields(15_000 * share, 'k')).join())}`,
        'application/json',
        undefined,
      ],
    }),
  ],
  [
    'selector of fields',
    (share) => ({
      request: [
        'GET',
        `${root}/configmaps?fieldSelector=${encodeURIComponent(many(15_000 * share, () => 'metadata.name=x').join())}`,
        'application/json',
        undefined,
      ],
    }),
  ],
]

let names = 0

async function prepared(make: (share: number, name: string) => Vast, share: number): Promise<() => Promise<void>> {
  const { there, request } = make(share, `vast-${++names}`)
  if (there !== undefined) expect((await door.ask('POST', there[0], { body: there[1] })).code).toBe(201)
  const [method, target, contentType, body] = request
  return async () => {
    const { code, object } = await door.ask(method, target, { contentType, ...(body === undefined ? {} : { body }) })
    expect(code, String(object?.message).slice(0, 200)).toBeLessThan(500)
  }
}

it.each(requests)('a vast request is answered in a time that grows as its size: %s', async (_, make) => {
  expect(await fastGrowth((share) => prepared(make, share))).toBeUndefined()
})

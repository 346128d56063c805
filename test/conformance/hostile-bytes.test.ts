import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeProtobuf } from '../../src-main/api/schema/protobuf.ts'
import { seededRandom, type Random } from '../../src-main/lib/random.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { directDoor, jsonType, protobufType, type Door } from '../support/api-door.ts'

let server: TestServer
let door: Door
beforeAll(async () => {
  server = await startTestServer()
  door = directDoor(server)
  await door.ask('POST', pods, { body: pod })
  await door.ask('POST', `${root}/configmaps`, { body: configMap })
})
afterAll(() => server.server.dispose())

const root = '/api/v1/namespaces/default'
const pods = `${root}/pods`
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const spec = { containers: [{ name: 'main', image: 'x', ports: [{ containerPort: 80 }] }] }
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: { a: 'b' } }, spec }
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { a: 'b' } }
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec } },
}

const yaml = 'application/yaml'
const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const jsonPatch = 'application/json-patch+json'
const apply = 'application/apply-patch+yaml'

/** Whatever comes, it is the client's fault or no fault at all. */
async function expectNoFault(method: string, target: string, contentType: string, body?: unknown): Promise<number> {
  const { code, object } = await door.ask(method, target, { contentType, ...(body === undefined ? {} : { body }) })
  // Kubernetes, too, answers an application of fields that have no type in this way.
  const untyped = code === 500 && String(object?.message).startsWith('failed to create typed patch object')
  if (code >= 500 && !untyped)
    expect.fail(
      `${method} ${target} ${contentType}: ${code} ${String(object?.message)} for ${String(body).slice(0, 500)}`,
    )
  return code
}

const deep = (levels: number, open: string, close: string, inside = '1'): string =>
  open.repeat(levels) + inside + close.repeat(levels)

describe('what means harm is refused', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij']
    .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghij'[index]}`).join()}]`)
    .join('\n')}\n`
  const copies = [
    { op: 'add', path: '/x', value: { a: 'b' } },
    ...Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: '/x', path: `/x/c${index}` })),
  ]
  it.each([
    ['aliases of aliases in YAML', 'POST', `${root}/configmaps`, yaml, bomb],
    ['aliases of aliases in an apply', 'PATCH', `${root}/configmaps/web?fieldManager=x`, apply, bomb],
    ['an alias of itself', 'POST', `${root}/configmaps`, yaml, 'metadata: &a\n  labels: *a\n'],
    ['nesting in JSON', 'POST', pods, jsonType, deep(100_000, '[', ']')],
    ['nested objects in JSON', 'POST', pods, jsonType, deep(50_000, '{"spec":', '}')],
    ['nesting in YAML', 'POST', pods, yaml, deep(20_000, '[', ']')],
    [
      'nesting by indentation',
      'POST',
      pods,
      yaml,
      Array.from({ length: 800 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
    ],
    ['nesting in a merge patch', 'PATCH', `${pods}/web`, merge, deep(50_000, '{"metadata":', '}')],
    ['nesting in a strategic patch', 'PATCH', `${pods}/web`, strategic, deep(50_000, '{"spec":', '}')],
    ['nesting in an apply', 'PATCH', `${pods}/web?fieldManager=x`, apply, deep(20_000, '{"spec":', '}')],
    ['copies of copies', 'PATCH', `${root}/configmaps/web`, jsonPatch, JSON.stringify(copies)],
    [
      'a name of the prototype',
      'PATCH',
      `${root}/configmaps/web`,
      merge,
      '{"__proto__":{"x":1},"data":{"__proto__":1}}',
    ],
    ['half a character', 'POST', pods, jsonType, Buffer.from('7b226122ff7d', 'hex')],
    ['no protobuf at all', 'POST', pods, protobufType, Buffer.from('{}')],
    ['an envelope of nothing', 'POST', pods, protobufType, Buffer.from('6b387300', 'hex')],
    ['a length beyond the end', 'POST', pods, protobufType, Buffer.from('6b38730012ffffffff0f', 'hex')],
    ['a length beyond all numbers', 'POST', pods, protobufType, Buffer.from('6b38730012ffffffffffffffffff7f', 'hex')],
    ['nested messages without end', 'POST', pods, protobufType, nestedMessages(3000)],
  ])('%s', async (_name, method, target, contentType, body) => {
    const code = await expectNoFault(method, target, contentType, body)
    if (!contentType.startsWith('application/merge')) expect(code).toBeGreaterThanOrEqual(400)
  })
})

/** JSONSchemaProps { not = 28 } in each other, where a definition has its schema. */
function nestedMessages(levels: number): Buffer {
  const field = (number: number, content: Buffer): Buffer =>
    Buffer.concat([varint(number * 8 + 2), varint(content.length), content])
  let inner: Buffer = Buffer.alloc(0)
  for (let level = 0; level < levels; level++) inner = field(28, inner)
  const type = Buffer.concat([
    field(1, Buffer.from('apiextensions.k8s.io/v1')),
    field(2, Buffer.from('JSONSchemaProps')),
  ])
  return Buffer.concat([Buffer.from('6b387300', 'hex'), field(1, type), field(2, inner)])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128)
  return Buffer.from([...bytes, value])
}

/** A few bytes changed, taken away, doubled or put in. */
function damaged(bytes: Uint8Array, random: Random): Buffer {
  const result = [...bytes]
  for (let changes = 1 + random.integer(4); changes > 0; changes--) {
    const at = random.integer(result.length + 1)
    const kind = random.integer(5)
    if (kind === 0) result[at] = random.integer(256)
    else if (kind === 1) result.splice(at, 1 + random.integer(8))
    else if (kind === 2) result.splice(at, 0, ...result.slice(at, at + random.integer(30)))
    else if (kind === 3) result.splice(at, 0, ...Buffer.from('{}[]":,\\&*!|>-0e9'.charAt(random.integer(17))))
    else result.length = at
  }
  return Buffer.from(result)
}

/** A scalar somewhere in a value takes another type, or a part of it goes. */
function distorted(value: unknown, random: Random): unknown {
  const odd = [null, true, -1, 1e300, '', 'x'.repeat(300), [], {}, [null], { a: null }, '\u0000', '__proto__']
  if (typeof value !== 'object' || value === null || random.integer(6) === 0) return odd[random.integer(odd.length)]
  const names = Object.keys(value)
  const name = names[random.integer(names.length)] ?? 'x'
  const inner = (value as Record<string, unknown>)[name]
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...value }
  ;(copy as Record<string, unknown>)[name] = distorted(inner, random)
  return copy
}

const patchOf = (random: Random): unknown => {
  const ops = ['add', 'remove', 'replace', 'move', 'copy', 'test', 'nothing']
  const paths = [
    '',
    '/',
    '/metadata',
    '/metadata/labels/a',
    '/spec/containers/0',
    '/spec/containers/-',
    '/spec',
    '/~2',
    'x',
  ]
  const pick = <T>(list: readonly T[]): T | undefined => list[random.integer(list.length)]
  return Array.from({ length: 1 + random.integer(4) }, () => ({
    op: pick(ops),
    path: pick(paths),
    from: pick(paths),
    value: distorted(pod, random),
  }))
}

const merging = (random: Random): object => {
  const containers = [{ name: 'main', $patch: 'delete' }, { $patch: 'replace' }, { image: 'y' }, null, 7]
  const lists = ['$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers', '$retainKeys', 'containers']
  const list = lists[random.integer(lists.length)] ?? ''
  return {
    spec: { [list]: [containers[random.integer(containers.length)]] },
    metadata: distorted(pod.metadata, random),
  }
}

describe('damaged bytes never become a fault of the server', () => {
  const rounds = 150
  it.each([
    ['JSON', jsonType, Buffer.from(JSON.stringify(pod))],
    [
      'YAML',
      yaml,
      Buffer.from('apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  labels: {a: &l "b", c: *l}\nspec: |\n  x\n'),
    ],
    ['protobuf', protobufType, Buffer.from(encodeProtobuf(pod))],
  ])('as a body in %s', async (_name, contentType, bytes) => {
    const random = seededRandom(36)
    for (let round = 0; round < rounds; round++) {
      const body = damaged(bytes, random)
      await expectNoFault('POST', `${pods}?dryRun=All`, contentType, body)
      await expectNoFault('PUT', `${pods}/web?dryRun=All`, contentType, body)
      await expectNoFault('DELETE', `${pods}/web?dryRun=All`, contentType, body)
    }
  })

  it('as values of the wrong type', async () => {
    const random = seededRandom(37)
    for (let round = 0; round < rounds; round++) {
      const body = JSON.stringify(distorted(deployment, random))
      await expectNoFault('POST', `${deployments}?dryRun=All`, jsonType, body)
      await expectNoFault('PATCH', `${deployments}/new?fieldManager=x&dryRun=All`, apply, body)
      await expectNoFault('PATCH', `${pods}/web?dryRun=All`, merge, JSON.stringify(distorted(pod, random)))
      await expectNoFault('PATCH', `${pods}/web/status?dryRun=All`, strategic, JSON.stringify(distorted(pod, random)))
    }
  })

  it('as patches', async () => {
    const random = seededRandom(38)
    for (let round = 0; round < rounds; round++) {
      await expectNoFault('PATCH', `${pods}/web?dryRun=All`, jsonPatch, JSON.stringify(patchOf(random)))
      await expectNoFault('PATCH', `${pods}/web?dryRun=All`, strategic, JSON.stringify(merging(random)))
      await expectNoFault(
        'PATCH',
        `${pods}/web?fieldManager=x&force=true&dryRun=All`,
        apply,
        JSON.stringify(merging(random)),
      )
    }
  })

  it('as selectors, tokens and numbers in the query', async () => {
    const random = seededRandom(39)
    const first = await door.ask('GET', `${root}/configmaps?limit=1`)
    const token = Buffer.from(String(first.object.metadata.continue ?? 'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ'))
    const good = {
      labelSelector: Buffer.from('a in (b,c),!d,e!=f,g>5,h'),
      fieldSelector: Buffer.from('metadata.name=web,status.phase!=Running'),
      continue: token,
      limit: Buffer.from('10'),
      resourceVersion: Buffer.from('1'),
      resourceVersionMatch: Buffer.from('Exact'),
      fieldValidation: Buffer.from('Strict'),
      gracePeriodSeconds: Buffer.from('30'),
      propagationPolicy: Buffer.from('Background'),
    }
    for (let round = 0; round < rounds; round++)
      for (const [name, value] of Object.entries(good)) {
        const query = `${name}=${encodeURIComponent(damaged(value, random).toString('latin1'))}`
        const { code } = await door.ask('GET', `${pods}?${query}`)
        // What has not happened yet is no fault, but the client shall wait for it.
        expect(code < 500 || (name === 'resourceVersion' && code === 504), `${query}: ${code}`).toBe(true)
        await expectNoFault('DELETE', `${pods}/web?dryRun=All&${query}`, jsonType)
      }
  })

  it('as paths', async () => {
    const random = seededRandom(40)
    for (let round = 0; round < rounds; round++) {
      const path = damaged(Buffer.from(`${pods}/web/status`), random).toString('latin1')
      const target = `/${encodeURI(path.replaceAll('\\', '/')).replace(/^\/+/, '')}`
      await expectNoFault('GET', `${target}?dryRun=All&timeoutSeconds=1`, jsonType)
    }
  })
})

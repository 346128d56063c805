import { describe, expect, it } from 'vitest'
import { defineKind } from '../../api/define-kind.ts'
import { kinds } from '../../api/kinds/index.ts'
import type { APIGroupList, APIResourceList } from '../../api/types/meta-v1.ts'
import { byVersionPriority } from '../../api/meta/version-priority.ts'
import { MetricRegistry } from '../metrics.ts'
import { createKindRegistry } from '../registered-kinds.ts'
import type { Answer, ServerRequest } from '../request.ts'
import { createNonResourceHandler, type NonResourceOptions } from './nonresource.ts'

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

function answerTo(
  target: string,
  headers: Record<string, string> = {},
  more: Partial<NonResourceOptions> & { method?: string } = {},
): Promise<Answer> | Answer | undefined {
  const handler = createNonResourceHandler({ kinds: createKindRegistry(kinds), ready: () => true, ...more })
  const [path = '/', query = ''] = target.split('?')
  const request: ServerRequest = {
    ...{ method: more.method ?? 'GET', path, headers, peer: undefined },
    query: new URLSearchParams(query),
    body: { type: 'none' },
    signal: new AbortController().signal,
  }
  return handler(request)
}
const ask = (...asked: Parameters<typeof answerTo>): (Answer & { type: 'bytes' }) | undefined =>
  answerTo(...asked) as (Answer & { type: 'bytes' }) | undefined
const textOf = (answer: ReturnType<typeof ask>): string => Buffer.from(answer?.bytes ?? []).toString()
const jsonOf = <T>(answer: ReturnType<typeof ask>): T => JSON.parse(textOf(answer)) as T

describe('discovery', () => {
  it('names the groups in the order in which clients prefer them', () => {
    const { groups } = jsonOf<APIGroupList>(ask('/apis'))
    expect(groups.map(({ name }) => name).slice(0, 4)).toEqual([
      'apiregistration.k8s.io',
      'apps',
      'events.k8s.io',
      'authentication.k8s.io',
    ])
    expect(groups.find(({ name }) => name === 'autoscaling')).toMatchObject({
      preferredVersion: { groupVersion: 'autoscaling/v2' },
      versions: [{ version: 'v2' }, { version: 'v1' }],
    })
  })

  it('says by which address the client found this server', () => {
    const answer = (headers: Record<string, string>): object => jsonOf<object>(ask('/api', headers))
    const at = (serverAddress: string): object => ({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
    })
    expect(answer({ host: '127.0.0.1:6443' })).toEqual(at('127.0.0.1:6443'))
    expect(answer({ ':authority': 'lab.test:443' })).toEqual(at('lab.test:443'))
    expect(answer({})).toMatchObject({ serverAddressByClientCIDRs: [] })
  })

  it('gives its documents as YAML and protobuf to those who ask for that', () => {
    for (const accept of ['application/yaml', 'application/vnd.kubernetes.protobuf'])
      for (const path of ['/api', '/apis', '/apis/apps', '/api/v1', '/apis/apps/v1'])
        expect(answerTo(path, { accept })).toMatchObject({ type: 'plain', code: 200 })
    const object = answerTo('/api', { accept: 'application/vnd.kubernetes.protobuf' })
    expect(object).toMatchObject({ object: { apiVersion: 'v1', kind: 'APIVersions', versions: ['v1'] } })
  })

  it('sorts versions by stability, then by age', () => {
    const versions = ['v1alpha1', 'v1beta1', 'experimental', 'v2', 'v1', 'v1beta2', 'v10']
    expect(versions.toSorted(byVersionPriority)).toEqual([
      'v10',
      'v2',
      'v1',
      'v1beta2',
      'v1beta1',
      'v1alpha1',
      'experimental',
    ])
  })

  it('names the resources of a version with their verbs and subresources', () => {
    const { resources, groupVersion } = jsonOf<APIResourceList>(ask('/api/v1'))
    const named = (name: string): unknown => resources.find((one) => one.name === name)
    expect(groupVersion).toBe('v1')
    expect(named('pods')).toEqual({
      ...{ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', shortNames: ['po'], categories: ['all'] },
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    })
    expect(named('pods/eviction')).toMatchObject({
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    })
    expect(named('pods/exec')).toMatchObject({ kind: 'PodExecOptions', verbs: ['create', 'get'] })
    expect(named('bindings')).toMatchObject({ verbs: ['create'] })
    expect(named('componentstatuses')).toMatchObject({ verbs: ['get', 'list'] })
    const scale = jsonOf<APIResourceList>(ask('/apis/apps/v1')).resources.find(
      ({ name }) => name === 'deployments/scale',
    )
    expect(scale).toMatchObject({ group: 'autoscaling', version: 'v1', kind: 'Scale' })
  })

  it('gives everything at once to clients that understand it', () => {
    const all = ask('/apis', { accept: aggregated })
    expect(all?.contentType).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')
    const { items } = jsonOf<{
      items: { metadata: { name: string }; versions: { resources: { resource: string }[] }[] }[]
    }>(all)
    const apps = items.find(({ metadata }) => metadata.name === 'apps')
    expect(apps?.versions[0]?.resources.find(({ resource }) => resource === 'deployments')).toMatchObject({
      ...{ scope: 'Namespaced', singularResource: 'deployment', shortNames: ['deploy'] },
      responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      subresources: [{ subresource: 'scale', responseKind: { kind: 'Scale' } }, { subresource: 'status' }],
    })
    expect(ask('/api', { accept: 'application/json' })?.contentType).toBe('application/json')
  })

  it('is not sent again to a client that has it', () => {
    const etag = ask('/apis')?.headers?.['etag'] ?? ''
    expect(ask('/apis', { 'if-none-match': etag })).toMatchObject({ code: 304, bytes: new Uint8Array() })
  })

  it('follows the kinds as they come', () => {
    const registry = createKindRegistry(kinds)
    const handler = createNonResourceHandler({ kinds: registry, ready: () => true })
    const request = {
      method: 'GET',
      path: '/apis/example.com/v1',
      query: new URLSearchParams(),
      headers: {},
    } as ServerRequest
    expect(handler(request)).toBeUndefined()
    registry.setCustom([
      defineKind({
        ...{ group: 'example.com', version: 'v1', kind: 'Widget', plural: 'widgets', scope: 'Namespaced' },
        subresources: { status: true, scale: { spec: '.spec.replicas', status: '.status.replicas' } },
      }),
    ])
    const { resources } = jsonOf<APIResourceList>(handler(request) as Answer & { type: 'bytes' })
    expect(resources.map(({ name }) => name)).toEqual(['widgets', 'widgets/scale', 'widgets/status'])
  })

  it('knows no group, version or path that is not there', () => {
    for (const path of ['/apis/none', '/apis/apps/v9', '/api/v2', '/apis/apps/v1/x', '/other'])
      expect(ask(path)).toBeUndefined()
  })
})

describe('OpenAPI', () => {
  it('is an index of documents that may be kept for good', async () => {
    const { paths } = jsonOf<{ paths: Record<string, { serverRelativeURL: string }> }>(await ask('/openapi/v3'))
    const url = paths['apis/apps/v1']?.serverRelativeURL ?? ''
    const document = ask(url)
    expect(document?.headers?.['cache-control']).toContain('immutable')
    expect(jsonOf<{ paths: object }>(document).paths).toHaveProperty([
      '/apis/apps/v1/namespaces/{namespace}/deployments',
    ])
  })

  it('sends a client with an old hash to the new one', () => {
    expect(ask('/openapi/v3/api/v1?hash=OLD')).toMatchObject({
      code: 301,
      headers: { location: expect.stringMatching(/^\/openapi\/v3\/api\/v1\?hash=[0-9A-F]{64}$/) },
    })
  })
})

describe('the server about itself', () => {
  it('says its version', () => {
    expect(jsonOf(ask('/version'))).toMatchObject({ major: '1', minor: '36', gitVersion: 'v1.36.0' })
    const metrics = new MetricRegistry()
    const build = { commit: 'c0ffee', date: '2026-01-02T03:04:05Z' }
    expect(jsonOf(ask('/version', {}, { build, metrics }))).toMatchObject({
      ...{ gitCommit: 'c0ffee', buildDate: '2026-01-02T03:04:05Z', gitTreeState: 'orrery' },
    })
    expect(metrics.text()).toMatch(/^kubernetes_build_info\{build_date="2026[^}]*git_commit="c0ffee"[^}]*\} 1$/m)
  })

  it('lives before it is ready', () => {
    expect(textOf(ask('/livez', {}, { ready: () => false }))).toBe('ok')
    const answer = ask('/readyz', {}, { ready: () => false })
    expect([answer?.code, textOf(answer)]).toEqual([
      500,
      '[+]ping ok\n[-]informer-sync failed: reason withheld\nreadyz check failed\n',
    ])
  })

  it('tells of each check', () => {
    const checks = [{ name: 'store', fault: () => 'the disk is full' }]
    expect(ask('/healthz', {}, { checks })?.code).toBe(500)
    expect(textOf(ask('/healthz?verbose&exclude=store', {}, { checks }))).toBe(
      '[+]ping ok\n[+]store excluded: ok\nhealthz check passed\n',
    )
    expect(textOf(ask('/livez?verbose&exclude=odd'))).toContain(
      'warn: some health checks cannot be excluded: no matches for "odd"\n',
    )
    expect(textOf(ask('/healthz/store', {}, { checks }))).toBe('internal server error: the disk is full\n')
    expect(textOf(ask('/livez/ping'))).toBe('ok')
    expect(ask('/livez/informer-sync')).toBeUndefined()
    const storeFault = (): string => 'it is gone'
    expect(textOf(ask('/livez', {}, { storeFault }))).toContain('[-]etcd failed: reason withheld\n')
    expect(textOf(ask('/', {}, { storeFault }))).toContain('"/readyz/etcd"')
    expect(ask('/healthz/none', {}, { checks })).toBeUndefined()
  })

  it('shows its metrics', () => {
    const metrics = new MetricRegistry()
    metrics.counter('requests_total', 'Requests.').add(2, { verb: 'GET', path: 'a"b' })
    metrics.histogram('seconds', 'Time.', [0.1, 1]).observe(0.5)
    expect(textOf(ask('/metrics', {}, { metrics }))).toContain(
      [
        ...[
          '# HELP requests_total Requests.',
          '# TYPE requests_total counter',
          'requests_total{verb="GET",path="a\\"b"} 2',
          '',
        ],
        ...[
          '# HELP seconds Time.',
          '# TYPE seconds histogram',
          'seconds_bucket{le="0.1"} 0',
          'seconds_bucket{le="1"} 1',
        ],
        ...['seconds_bucket{le="+Inf"} 1', 'seconds_sum 0.5', 'seconds_count 1', ''],
      ].join('\n'),
    )
  })

  it('can only be read', () => {
    expect(() => ask('/version', {}, { method: 'POST' })).toThrow(expect.objectContaining({ code: 405 }))
  })
})

describe('the document of version 2', () => {
  interface Definition {
    readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[]
  }
  interface Document {
    readonly swagger: string
    readonly paths: Record<string, object>
    readonly definitions: Record<string, Definition>
  }
  const protobuf = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'

  it('has every kind, what is done with it, and each definition once for all groups', async () => {
    const { swagger, paths, definitions } = jsonOf<Document>(await ask('/openapi/v2'))
    expect(swagger).toBe('2.0')
    const identities = new Set(
      Object.values(definitions)
        .flatMap((definition) => definition['x-kubernetes-group-version-kind'] ?? [])
        .map(({ group, version, kind }) => `${group}/${version} ${kind}`),
    )
    const served = kinds.filter(({ group }) => group !== 'glass.orrery.dev' && group !== 'lab.orrery.dev')
    expect(served.length).toBeGreaterThan(60)
    expect(
      served
        .filter(({ group, version, kind }) => !identities.has(`${group}/${version} ${kind}`))
        .map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
    ).toEqual([])
    expect(paths).toHaveProperty(['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale'])
    const options = definitions['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions']
    expect(options?.['x-kubernetes-group-version-kind']).toEqual(
      expect.arrayContaining([
        { group: '', version: 'v1', kind: 'DeleteOptions' },
        { group: 'apps', version: 'v1', kind: 'DeleteOptions' },
      ]),
    )
    const references = [...JSON.stringify({ paths, definitions }).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)]
    expect(references.map(([, name = '']) => name).filter((name) => definitions[name] === undefined)).toEqual([])
  })

  it.each([undefined, protobuf])('need not be sent again to who has it (%s)', async (accept) => {
    const headers: Record<string, string> = accept === undefined ? {} : { accept }
    const first = await ask('/openapi/v2', headers)
    const etag = first?.headers?.['etag'] ?? ''
    expect(first?.bytes.length).toBeGreaterThan(500_000)
    expect(first?.contentType).toBe(accept?.replace('@', '.') ?? 'application/json')
    const second = await ask('/openapi/v2', { ...headers, 'if-none-match': String(etag) })
    expect([second?.code, second?.bytes.length]).toEqual([304, 0])
  })

  it('lets others have a turn while it is made', async () => {
    let turns = 0
    const nextTurn = async (): Promise<void> => void turns++
    await ask('/openapi/v2', {}, { nextTurn })
    expect(turns).toBeGreaterThan(30)
  })
})

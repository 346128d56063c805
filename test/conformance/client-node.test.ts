import {
  AppsV1Api,
  CoreV1Api,
  Exec,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  VersionApi,
  Watch,
} from '@kubernetes/client-node'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { openTlsLab, type TlsLab } from '../support/tls-lab.ts'
import { until } from '../support/until.ts'

let tls: TlsLab
let server: TestServer
let config: KubeConfig
let core: CoreV1Api
const namespace = 'default'

beforeAll(async () => {
  tls = await openTlsLab()
  server = await startTestServer({ clock: systemClock })
  const running = await tls.start(server.server.handler)
  config = new KubeConfig()
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  config.loadFromClusterAndUser(
    { name: 'lab', server: running.url, caData: base64(tls.pki.ca), skipTLSVerify: false },
    { name: 'admin', certData: base64(tls.pki.admin.certificate), keyData: base64(tls.pki.admin.key) },
  )
  core = config.makeApiClient(CoreV1Api)
})
afterAll(async () => {
  await server.server.dispose()
  await tls.dispose()
})

const aMap = (name: string) => ({ metadata: { name, labels: { of: 'client' } }, data: { a: 'b' } })

describe('the JavaScript client of Kubernetes', () => {
  it('reads and writes typed objects, and any object', async () => {
    expect((await config.makeApiClient(VersionApi).getCode()).minor).toBe('36')
    const created = await core.createNamespacedConfigMap({ namespace, body: aMap('typed') })
    expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date)
    const replaced = await core.replaceNamespacedConfigMap({
      namespace,
      name: 'typed',
      body: { ...created, data: { a: 'c' } },
    })
    expect(replaced.data).toEqual({ a: 'c' })
    const patched = await core.patchNamespacedConfigMap(
      { namespace, name: 'typed', body: { data: { d: 'e' } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    )
    expect(patched.data).toEqual({ a: 'c', d: 'e' })
    const byPointer = await core.patchNamespacedConfigMap(
      { namespace, name: 'typed', body: [{ op: 'remove', path: '/data/a' }] },
      setHeaderOptions('Content-Type', PatchStrategy.JsonPatch),
    )
    expect(byPointer.data).toEqual({ d: 'e' })
    const any = KubernetesObjectApi.makeApiClient(config)
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } }
    const deployment = {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace } },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    }
    await any.create(deployment)
    await any.patch(deployment, undefined, undefined, 'suite', true, PatchStrategy.ServerSideApply)
    expect((await any.read(deployment)).metadata?.name).toBe('web')
    const apps = config.makeApiClient(AppsV1Api)
    const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' })
    const scaled = await apps.replaceNamespacedDeploymentScale({
      namespace,
      name: 'web',
      body: { ...scale, spec: { replicas: 4 } },
    })
    expect(scaled.spec?.replicas).toBe(4)
    await any.delete(deployment)
    await expect(any.read(deployment)).rejects.toMatchObject({ code: 404 })
    const listed = await core.listNamespacedConfigMap({ namespace, labelSelector: 'of=client', limit: 1 })
    expect(listed.items).toHaveLength(1)
    await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'of=client' })
    await expect(core.readNamespacedConfigMap({ namespace, name: 'typed' })).rejects.toMatchObject({ code: 404 })
  })

  it('watches, and keeps an informer up to date', { timeout: 60_000 }, async () => {
    const seen: string[] = []
    const path = `/api/v1/namespaces/${namespace}/configmaps`
    const informer = makeInformer(
      config,
      path,
      () => core.listNamespacedConfigMap({ namespace, labelSelector: 'of=client' }),
      'of=client',
    )
    for (const verb of ['add', 'update', 'delete'] as const)
      informer.on(verb, (object) => seen.push(`${verb} ${object.metadata?.name}`))
    await informer.start()
    const types: string[] = []
    const watch = await new Watch(config).watch(
      path,
      { allowWatchBookmarks: true },
      (type) => types.push(type),
      () => undefined,
    )
    await core.createNamespacedConfigMap({ namespace, body: aMap('informed') })
    await core.patchNamespacedConfigMap(
      { namespace, name: 'informed', body: { data: { x: 'y' } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    )
    await core.deleteNamespacedConfigMap({ namespace, name: 'informed' })
    await until('all that happened', async () => seen.length === 3 && types.includes('DELETED'))
    expect(seen).toEqual(['add informed', 'update informed', 'delete informed'])
    watch.abort()
    await informer.stop()
  })

  it('is told why a session in a container cannot be', async () => {
    const exec = new Exec(config).exec(
      namespace,
      'none',
      'main',
      ['true'],
      new PassThrough(),
      new PassThrough(),
      null,
      false,
    )
    await expect(exec).rejects.toThrow(/404|pods "none" not found/)
  })
})

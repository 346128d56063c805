import {
  ApiextensionsV1Api,
  CustomObjectsApi,
  KubeConfig,
  type V1CustomResourceDefinition,
} from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer } from '../../../test/support/api-server.ts'
import { aCronTab, aDefinition } from '../../../test/support/custom-resources.ts'
import { openTlsLab, type TlsLab } from '../../../test/support/tls-lab.ts'
import { until } from '../../../test/support/until.ts'

let tls: TlsLab
beforeAll(async () => {
  tls = await openTlsLab()
})
afterAll(() => tls.dispose())

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('the JavaScript client of Kubernetes', () => {
  it('creates a definition, waits for it, and works with its objects', async () => {
    const { server } = await startTestServer()
    const running = await tls.start(server.handler)
    const { ca, admin } = tls.pki
    const config = new KubeConfig()
    config.loadFromClusterAndUser(
      { name: 'lab', server: running.url, caData: base64(ca), skipTLSVerify: false },
      { name: 'admin', certData: base64(admin.certificate), keyData: base64(admin.key) },
    )
    const definitions = config.makeApiClient(ApiextensionsV1Api)
    const name = 'crontabs.stable.example.com'
    await definitions.createCustomResourceDefinition({ body: aDefinition() as V1CustomResourceDefinition })
    await until('the definition is established', async () => {
      const { status } = await definitions.readCustomResourceDefinition({ name })
      return status?.conditions?.some(({ type, status: holds }) => type === 'Established' && holds === 'True')
    })

    const objects = config.makeApiClient(CustomObjectsApi)
    const of = { group: 'stable.example.com', version: 'v1', namespace: 'default', plural: 'crontabs' }
    await objects.createNamespacedCustomObject({ ...of, body: aCronTab('a', { replicas: 2 }) })
    const read = (await objects.getNamespacedCustomObject({ ...of, name: 'a' })) as Record<string, unknown>
    // The client's model calls defaults `_default`, and sends those of our definition not at all.
    expect(read['spec']).toEqual({ replicas: 2 })
    await expect(
      objects.createNamespacedCustomObject({ ...of, body: aCronTab('b', { replicas: 200 }) }),
    ).rejects.toMatchObject({ code: 422 })
    const listed = (await objects.listNamespacedCustomObject(of)) as { kind: string; items: unknown[] }
    expect(listed).toMatchObject({ kind: 'CronTabList', items: [{ metadata: { name: 'a' } }] })
    await objects.deleteNamespacedCustomObject({ ...of, name: 'a' })
    await definitions.deleteCustomResourceDefinition({ name })
    await until('the definition is gone', async () => {
      const { items } = await definitions.listCustomResourceDefinition()
      return items.length === 0
    })
    await server.dispose()
  })
})

import { describe, expect, it } from 'vitest'
import { service } from '../../api/kinds/core/service.ts'
import type { Service, ServiceSpec } from '../../api/types/core-v1.ts'
import { startTestServer } from '../../../test/support/api-server.ts'

const aService = (name: string, spec: ServiceSpec = {}): Service => ({
  metadata: { name, namespace: 'default' },
  spec: { ports: [{ port: 80 }], ...spec },
})
const ref = (name: string) => ({ namespace: 'default', name })

describe('a service', () => {
  it('gets a cluster IP of the range, and each its own, however many come at once', async () => {
    const { client } = await startTestServer({ serviceCidr: '10.96.0.0/24' })
    const names = Array.from({ length: 253 }, (_, at) => `s${at}`)
    const created = await Promise.all(names.map((name) => client.create(service, aService(name))))
    const addresses = new Set(created.map(({ spec }) => spec?.clusterIP))
    expect(addresses.size).toBe(253)
    expect(addresses).not.toContain('10.96.0.1')
    await expect(client.create(service, aService('one-too-many'))).rejects.toMatchObject({ code: 422 })
    await client.delete(service, ref('s7'))
    const next = await client.create(service, aService('after'))
    expect(next.spec?.clusterIP).toBe(created[7]?.spec?.clusterIP)
  })

  it('gets the address that it asks for, when it is free and in the range', async () => {
    const { client } = await startTestServer()
    const first = await client.create(service, aService('a', { clusterIP: '10.96.0.10' }))
    expect(first.spec).toMatchObject({ clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'], ipFamilies: ['IPv4'] })
    for (const clusterIP of ['10.96.0.10', '10.97.0.1', '10.96.0.0'])
      await expect(client.create(service, aService('b', { clusterIP }))).rejects.toMatchObject({
        code: 422,
        details: { causes: [{ field: 'spec.clusterIPs' }] },
      })
  })

  it('without a head has no address', async () => {
    const { client } = await startTestServer()
    const headless = await client.create(service, aService('a', { clusterIP: 'None' }))
    expect(headless.spec?.clusterIPs).toEqual(['None'])
  })

  it('keeps its address and node port through an update that leaves them out', async () => {
    const { client } = await startTestServer()
    const created = await client.create(service, aService('a', { type: 'NodePort' }))
    const nodePort = created.spec?.ports?.[0]?.nodePort ?? 0
    expect(nodePort).toBeGreaterThanOrEqual(30_000)
    const updated = await client.update(service, aService('a', { type: 'NodePort', selector: { a: 'b' } }))
    expect(updated.spec).toMatchObject({ clusterIP: created.spec?.clusterIP, ports: [{ nodePort }] })
  })

  it('gives its node port back when it no longer is a NodePort service', async () => {
    const { client } = await startTestServer()
    await client.create(service, aService('a', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_123 }] }))
    const busy = aService('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_123 }] })
    await expect(client.create(service, busy)).rejects.toMatchObject({ code: 422 })
    await client.patch(service, ref('a'), { type: 'merge', patch: { spec: { type: 'ClusterIP' } } })
    expect((await client.create(service, busy)).spec?.ports?.[0]?.nodePort).toBe(30_123)
  })

  it('takes nothing when it is only a dry run', async () => {
    const { client } = await startTestServer()
    const wish = aService('a', { clusterIP: '10.96.0.10' })
    await client.create(service, wish, { dryRun: true })
    await expect(client.get(service, ref('a'))).rejects.toMatchObject({ code: 404 })
    await client.create(service, wish)
  })
})

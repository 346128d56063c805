import { describe, expect, it } from 'vitest'
import { endpoints } from '../../api/kinds/core/endpoints.ts'
import { service } from '../../api/kinds/core/service.ts'
import { endpointSlice } from '../../api/kinds/discovery/endpoint-slice.ts'
import { kindByResource } from '../../api/kinds/index.ts'
import type { Kind } from '../../api/define-kind.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Service, ServiceSpec } from '../../api/types/core-v1.ts'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'

const kindOf = (plural: string): Kind<DynamicObject> =>
  kindByResource('networking.k8s.io', 'v1', plural) as unknown as Kind<DynamicObject>
const addresses = kindOf('ipaddresses')
const ranges = kindOf('servicecidrs')
const aService = (name: string, spec: ServiceSpec = {}): Service => ({
  metadata: { name, namespace: 'default' },
  spec: { ports: [{ port: 80 }], ...spec },
})
const ref = (name: string) => ({ namespace: 'default', name })

describe('a cluster IP', () => {
  it('is an IPAddress object for as long as its service has it', async () => {
    const { client } = await startTestServer()
    const made = await client.create(service, aService('web'))
    const name = made.spec?.clusterIP ?? ''
    const address = await client.get(addresses, { name })
    expect(address).toMatchObject({
      metadata: {
        labels: {
          'ipaddress.kubernetes.io/ip-family': 'IPv4',
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
        },
      },
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } },
    })
    // The core group has no name, and Kubernetes leaves out what is empty.
    expect(address).not.toHaveProperty('spec.parentRef.group')
    await client.delete(service, ref('web'))
    await expect(client.get(addresses, { name })).rejects.toMatchObject({ code: 404 })
  })

  it('is taken when somebody else has an object for it', async () => {
    const { client } = await startTestServer()
    const parentRef = { group: '', resource: 'services', namespace: 'default', name: 'other' }
    await client.create(addresses, { metadata: { name: '10.96.0.77' }, spec: { parentRef } })
    await expect(client.create(service, aService('web', { clusterIP: '10.96.0.77' }))).rejects.toMatchObject({
      code: 422,
      details: { causes: [{ field: 'spec.clusterIPs' }] },
    })
  })

  it('gets its object back, and an object that nobody uses goes', async () => {
    const { client, clock } = await startTestServer()
    const made = await client.create(service, aService('web'))
    const name = made.spec?.clusterIP ?? ''
    await client.delete(addresses, { name })
    const labels = { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' }
    const parentRef = { group: '', resource: 'services', namespace: 'default', name: 'gone' }
    await client.create(addresses, { metadata: { name: '10.96.0.99', labels }, spec: { parentRef } })
    await clock.advance(61_000)
    expect((await client.get(addresses, { name })).metadata.name).toBe(name)
    await expect(client.get(addresses, { name: '10.96.0.99' })).rejects.toMatchObject({ code: 404 })
  })

  it('may come from another range, once that is ready', async () => {
    const { client } = await startTestServer({ serviceCidr: '10.96.0.0/30' })
    await expect(client.create(service, aService('a'))).resolves.toMatchObject({ spec: { clusterIP: '10.96.0.2' } })
    await expect(client.create(service, aService('b'))).rejects.toMatchObject({ code: 422 })
    const metadata = { name: 'more' }
    await client.create(ranges, { metadata, spec: { cidrs: ['10.100.0.0/28'] } })
    const condition = {
      type: 'Ready',
      status: 'True',
      reason: 'NetworkReady',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    }
    const patch = { status: { conditions: [condition] } }
    await client.patch(ranges, metadata, { type: 'merge', patch }, { subresource: 'status' })
    const made = await client.create(service, aService('b'))
    expect(made.spec?.clusterIP).toMatch(/^10\.100\.0\./)
  })
})

describe('the service of the API itself', () => {
  it('has its range, its endpoints and its slice from the first second', async () => {
    const { client } = await startTestServer()
    expect((await client.get(ranges, { name: 'kubernetes' })).spec).toEqual({ cidrs: ['10.96.0.0/16'] })
    const { spec } = await client.get(service, ref('kubernetes'))
    const { subsets } = await client.get(endpoints, ref('kubernetes'))
    const slice = await client.get(endpointSlice, ref('kubernetes'))
    expect(slice.metadata.labels).toEqual({ 'kubernetes.io/service-name': 'kubernetes' })
    const ports = [{ name: 'https', port: spec?.ports?.[0]?.targetPort, protocol: 'TCP' }]
    expect(subsets).toEqual([{ addresses: [{ ip: spec?.clusterIP }], ports }])
    expect(slice).toMatchObject({ endpoints: [{ addresses: [spec?.clusterIP], conditions: { ready: true } }], ports })
  })
})

describe('a load balancer', () => {
  const balanced = (spec: ServiceSpec = {}): ServiceSpec => ({ type: 'LoadBalancer', ...spec })
  const local = balanced({ externalTrafficPolicy: 'Local' })

  it('is asked for health on a node port of its own when traffic stays local', async () => {
    const { client } = await startTestServer()
    const made = await client.create(service, aService('lb', local))
    const port = made.spec?.healthCheckNodePort ?? 0
    expect(port).toBeGreaterThanOrEqual(30_000)
    expect(port).not.toBe(made.spec?.ports?.[0]?.nodePort)
    const taken = aService('other', { ...local, healthCheckNodePort: port })
    await expect(client.create(service, taken)).rejects.toMatchObject({ code: 422 })
    await client.delete(service, ref('lb'))
    await client.create(service, taken)
  })

  const refused = async ({ client }: TestServer, spec: ServiceSpec): Promise<string | undefined> =>
    client.create(service, aService('x', spec), { dryRun: true }).then(
      () => undefined,
      (error: unknown) => (error as { details?: { causes?: { field?: string }[] } }).details?.causes?.[0]?.field,
    )

  it.each<[string, ServiceSpec, string]>([
    ['a class of balancers', { loadBalancerClass: 'x.io/y' }, 'spec.loadBalancerClass'],
    ['node ports of balancers', { allocateLoadBalancerNodePorts: true }, 'spec.allocateLoadBalancerNodePorts'],
    ['a health port', { healthCheckNodePort: 30_500 }, 'spec.healthCheckNodePort'],
    ['two families', { ipFamilyPolicy: 'RequireDualStack' }, 'spec.ipFamilyPolicy'],
    ['IPv6', { ipFamilies: ['IPv6'] }, 'spec.ipFamilies[0]'],
    ['an unknown distribution', { trafficDistribution: 'Far' }, 'spec.trafficDistribution'],
  ])('is what a plain service is not: %s', async (_case, spec, field) => {
    expect(await refused(await startTestServer(), spec)).toBe(field)
  })

  it('keeps its class', async () => {
    const { client } = await startTestServer()
    await client.create(service, aService('lb', balanced({ loadBalancerClass: 'x.io/y' })))
    const patch = { spec: { loadBalancerClass: 'x.io/z' } }
    await expect(client.patch(service, ref('lb'), { type: 'merge', patch })).rejects.toMatchObject({ code: 422 })
  })
})

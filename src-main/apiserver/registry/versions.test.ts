import { describe, expect, it } from 'vitest'
import { kindByName } from '../../api/kinds/index.ts'
import { event } from '../../api/kinds/core/event.ts'
import type { Kind } from '../../api/define-kind.ts'
import { startTestServer } from '../../../test/support/api-server.ts'

const kindNamed = (apiVersion: string, name: string): Kind => kindByName(apiVersion, name)!
const newEvent = kindNamed('events.k8s.io/v1', 'Event')
const autoscalerV1 = kindNamed('autoscaling/v1', 'HorizontalPodAutoscaler')
const autoscalerV2 = kindNamed('autoscaling/v2', 'HorizontalPodAutoscaler')
const ref = { namespace: 'default', name: 'a' }

describe('an event', () => {
  it('is the same object in both of its groups', async () => {
    const { client, send } = await startTestServer()
    const regarding = { kind: 'Pod', name: 'p', namespace: 'default' }
    const created = await client.create(newEvent, {
      ...{ metadata: ref, regarding, note: 'hello', reason: 'Test', action: 'Look', type: 'Normal' },
      ...{ eventTime: '2026-01-01T00:00:00.000000Z', reportingController: 'test', reportingInstance: 'test-1' },
    })
    expect(created).toMatchObject({ apiVersion: 'events.k8s.io/v1', regarding, note: 'hello' })
    expect(await client.get(event, ref)).toMatchObject({
      apiVersion: 'v1',
      involvedObject: regarding,
      message: 'hello',
    })
    expect(await client.get(newEvent, ref)).toEqual(created)
    const listed = await client.list(newEvent, { fieldSelector: 'metadata.name=a' })
    expect(listed.items).toEqual([created])
    const answer = await send('GET', '/apis/events.k8s.io/v1/events?watch=true')
    if (answer.type !== 'watch') throw new Error('not a watch')
    for await (const { stored } of answer.events) {
      expect(stored.object).toEqual(created)
      break
    }
    await client.patch(event, ref, { type: 'merge', patch: { message: 'changed' } })
    expect(await client.get(newEvent, ref)).toMatchObject({ note: 'changed' })
  })
})

describe('an autoscaler', () => {
  const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }
  const metric = (name: string, averageUtilization: number) => ({
    type: 'Resource',
    resource: { name, target: { type: 'Utilization', averageUtilization } },
  })

  it('written in the first version has its metric in the second', async () => {
    const { client } = await startTestServer()
    const spec = { scaleTargetRef, maxReplicas: 5, targetCPUUtilizationPercentage: 80 }
    await client.create(autoscalerV1, { metadata: ref, spec } as never)
    expect(await client.get(autoscalerV2, ref)).toMatchObject({ spec: { metrics: [metric('cpu', 80)] } })
    expect(await client.get(autoscalerV1, ref)).toMatchObject({ spec })
  })

  it('loses nothing when it is written through the first version', async () => {
    const { client } = await startTestServer()
    const spec = { scaleTargetRef, maxReplicas: 5, metrics: [metric('cpu', 50), metric('memory', 60)] }
    await client.create(autoscalerV2, { metadata: ref, spec } as never)
    const patch = { spec: { targetCPUUtilizationPercentage: 70 } }
    await client.patch(autoscalerV1, ref, { type: 'merge', patch })
    const after = await client.get(autoscalerV2, ref)
    expect(after).toMatchObject({ spec: { metrics: [metric('cpu', 70), metric('memory', 60)] } })
    expect(after.metadata.annotations).toBeUndefined()
  })
})

describe('devices', () => {
  const versions = ['v1beta1', 'v1beta2', 'v1'].map((version) => `resource.k8s.io/${version}`)
  const capacity = { requests: { 'example.com/memory': '100u' } }
  const wish = { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1, capacity }
  const flat = { devices: { requests: [{ name: 'gpu', ...wish }] } }
  const nested = { devices: { requests: [{ name: 'gpu', exactly: wish }] } }
  const attributes = { model: { string: 'a' } }
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 }
  const slice = (device: object) => ({ driver: 'd.io', pool, allNodes: true, devices: [{ name: 'a', ...device }] })
  const forms: readonly (readonly [string, object, object])[] = [
    ['ResourceClaim', flat, nested],
    ['ResourceClaimTemplate', { spec: flat }, { spec: nested }],
    ['ResourceSlice', slice({ basic: { attributes } }), slice({ attributes })],
  ]
  const cases = forms.flatMap(([name, first, later]) =>
    versions.map((written): [string, string, object, object] => [name, written, first, later]),
  )

  it.each(cases)('of a %s in %s are the same in all versions', async (name, written, first, later) => {
    const { client } = await startTestServer()
    const specIn = (version: string): object => (version.endsWith('v1beta1') ? first : later)
    const place = name === 'ResourceSlice' ? { name: 'a' } : ref
    await client.create(kindNamed(written, name), { metadata: place, spec: specIn(written) } as never)
    for (const version of versions) {
      const read = (await client.get(kindNamed(version, name), place)) as unknown as { spec: object }
      expect(read).toMatchObject({ apiVersion: version })
      expect(read.spec).toEqual(specIn(version))
    }
  })
})

describe('versions that differ in nothing but their name', () => {
  it('show the same object', async () => {
    const { client } = await startTestServer()
    const beta = kindNamed('networking.k8s.io/v1beta1', 'ServiceCIDR')
    const stable = kindNamed('networking.k8s.io/v1', 'ServiceCIDR')
    await client.create(beta, { metadata: { name: 'x' }, spec: { cidrs: ['10.0.0.0/24'] } } as never)
    expect(await client.get(stable, { name: 'x' })).toMatchObject({
      apiVersion: 'networking.k8s.io/v1',
      spec: { cidrs: ['10.0.0.0/24'] },
    })
  })
})

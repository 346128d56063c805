import { describe, expect, it } from 'vitest'
import { limitRange } from '../../api/kinds/core/limit-range.ts'
import { persistentVolumeClaim } from '../../api/kinds/core/persistent-volume-claim.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import type { LimitRangeItem, ResourceRequirements } from '../../api/types/core-v1.ts'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'

const namespace = 'default'
const aPod = (resources: ResourceRequirements = {}) => ({
  metadata: { name: 'p', namespace },
  spec: { containers: [{ name: 'c', image: 'x', resources }] },
})

async function serverWith(...limits: LimitRangeItem[]): Promise<TestServer> {
  const started = await startTestServer()
  await started.client.create(limitRange, { metadata: { name: 'limits', namespace }, spec: { limits } })
  return started
}

const refusal = async (item: LimitRangeItem, resources: ResourceRequirements): Promise<string> => {
  const { client } = await serverWith(item)
  try {
    await client.create(pod, aPod(resources))
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

describe('a limit range', () => {
  it('fills in what a container does not say, and tells so', async () => {
    const { client } = await serverWith({
      type: 'Container',
      default: { cpu: '500m', memory: '500Mi' },
      defaultRequest: { cpu: '100m', memory: '200Mi' },
    })
    const whole = await client.create(pod, aPod())
    expect(whole.spec?.containers[0]?.resources).toEqual({
      limits: { cpu: '500m', memory: '500Mi' },
      requests: { cpu: '100m', memory: '200Mi' },
    })
    expect(whole.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c',
    })
    const partial = { ...aPod({ requests: { cpu: '300m' } }), metadata: { name: 'q', namespace } }
    expect((await client.create(pod, partial)).spec?.containers[0]?.resources).toEqual({
      limits: { cpu: '500m', memory: '500Mi' },
      requests: { cpu: '300m', memory: '200Mi' },
    })
  })

  it.each<[LimitRangeItem, ResourceRequirements, string]>([
    [
      { type: 'Container', min: { cpu: '100m' } },
      { requests: { cpu: '50m' } },
      'minimum cpu usage per Container is 100m, but request is 50m',
    ],
    [
      { type: 'Container', max: { cpu: '1' } },
      { requests: { cpu: '1' }, limits: { cpu: '2' } },
      'maximum cpu usage per Container is 1, but limit is 2',
    ],
    [{ type: 'Pod', max: { cpu: '1' } }, {}, 'maximum cpu usage per Pod is 1.  No limit is specified'],
    [{ type: 'Pod', min: { memory: '1Gi' } }, {}, 'minimum memory usage per Pod is 1Gi.  No request is specified'],
    [
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      { requests: { cpu: '1' }, limits: { cpu: '3' } },
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    ],
    [
      { type: 'Container', max: { cpu: '1', memory: '1Gi' } },
      { limits: { cpu: '2', memory: '2Gi' } },
      '[maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
    ],
  ])('%j refuses %j', async (item, resources, message) => {
    expect(await refusal(item, resources)).toBe(`pods "p" is forbidden: ${message}`)
  })

  it('bounds claims, also when they grow', async () => {
    const { client } = await serverWith({
      type: 'PersistentVolumeClaim',
      min: { storage: '1Gi' },
      max: { storage: '2Gi' },
    })
    const claim = (storage: string) => ({
      metadata: { name: 'c', namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    })
    await expect(client.create(persistentVolumeClaim, claim('500Mi'))).rejects.toMatchObject({
      message:
        'persistentvolumeclaims "c" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
    })
    await expect(client.create(persistentVolumeClaim, claim('3Gi'))).rejects.toMatchObject({
      message:
        'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    })
    await client.create(persistentVolumeClaim, claim('1Gi'))
  })
})

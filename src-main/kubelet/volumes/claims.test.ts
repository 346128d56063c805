import { describe, expect, it } from 'vitest'
import { notFound } from '../../api/errors.ts'
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import type { Live } from '../../api/meta/object.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../api/types/core-v1.ts'
import type { Client } from '../../client/client.ts'
import { withClaims } from './claims.ts'
import { volumeMounts } from './volumes.ts'

const meta = (name: string) => ({
  ...{
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
})
const aPod = (...volumes: Volume[]): Live<Pod> => ({ metadata: meta('web'), spec: { containers: [], volumes } })
const aClaim = (rest: Partial<PersistentVolumeClaim> = {}): Live<PersistentVolumeClaim> => ({
  metadata: { ...meta('data'), ...rest.metadata },
  spec: { volumeName: 'v', ...rest.spec },
  status: { phase: 'Bound', ...rest.status },
})
const aVolume = (spec: PersistentVolume['spec'] = { hostPath: { path: '/data' } }, uid = 'uid-data') => ({
  metadata: meta('v'),
  spec: { ...spec, claimRef: { uid } },
})

function clientOf(claim?: Live<PersistentVolumeClaim>, volume?: Live<PersistentVolume>): Client {
  let reads = 0
  const get = (kind: { plural: string }, { name }: { name: string }): Promise<unknown> => {
    reads++
    const found = kind.plural === claimKind.plural ? claim : volume
    return found === undefined
      ? Promise.reject(notFound({ group: '', plural: kind.plural }, name))
      : Promise.resolve(found)
  }
  return { get, reads: () => reads } as unknown as Client
}

const wanted: Volume = { name: 'd', persistentVolumeClaim: { claimName: 'data' } }
const ephemeral: Volume = { name: 'd', ephemeral: {} }

describe('the claims of a pod', () => {
  it('cost nothing when it has none', async () => {
    const pod = aPod({ name: 'e', emptyDir: {} })
    expect(await withClaims(clientOf(), pod)).toBe(pod)
  })

  it.each([
    ['a folder of the node', { hostPath: { path: '/data', type: '' } }, { path: '/data', type: '' }],
    ['a local disk', { local: { path: '/mnt/disk' } }, { path: '/mnt/disk', type: 'Directory' }],
  ])('are mounted as %s', async (_what, spec, expected) => {
    const pod = await withClaims(clientOf(aClaim(), aVolume(spec)), aPod(wanted))
    expect(pod.spec?.volumes?.[0]?.hostPath).toEqual(expected)
  })

  it('are read-only when the pod says so', async () => {
    const readOnly = { name: 'd', persistentVolumeClaim: { claimName: 'data', readOnly: true } }
    const pod = await withClaims(clientOf(aClaim(), aVolume()), aPod(readOnly))
    const container = { name: 'c', volumeMounts: [{ name: 'd', mountPath: '/d' }] }
    expect(volumeMounts('/pods/u', pod, container, new Map())).toMatchObject([{ source: '/data', readOnly: true }])
  })

  it.each<[string, Client, Volume, string]>([
    ['that does not exist', clientOf(), wanted, 'persistentvolumeclaim "data" not found'],
    ['that is not bound', clientOf(aClaim({ status: { phase: 'Pending' } })), wanted, 'claim data is not bound'],
    ['whose volume is gone', clientOf(aClaim()), wanted, 'persistentvolume "v" not found'],
    ["whose volume is another's", clientOf(aClaim(), aVolume(undefined, 'other')), wanted, 'another claim than data'],
    [
      'of a driver that no node has',
      clientOf(aClaim(), aVolume({ csi: { driver: 'd', volumeHandle: 'h' } })),
      wanted,
      'cannot be mounted',
    ],
    [
      'that was not made for the pod',
      clientOf(aClaim(), aVolume()),
      ephemeral,
      'was not created for pod "default/web"',
    ],
  ])('stop a pod with one %s', async (_what, client, volume, words) => {
    await expect(withClaims(client, aPod(volume))).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining(words) as string,
    })
  })
})

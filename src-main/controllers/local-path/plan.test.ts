import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { Node, PersistentVolumeClaimSpec, PersistentVolumeSpec } from '../../api/types/core-v1.ts'
import type { ObjectMeta } from '../../api/types/meta-v1.ts'
import { aPod, ago } from '../test-objects.ts'
import type { Claim, Volume } from '../persistent-volume/volume-facts.ts'
import { defaultClass, helperPod, localPath, planCleanup, planProvision } from './plan.ts'

const meta = (name: string, rest: ObjectMeta = {}) => ({
  ...{ name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: ago(9) },
  ...rest,
})
const asked = {
  'volume.kubernetes.io/storage-provisioner': localPath,
  'volume.kubernetes.io/selected-node': 'one',
}
const aClaim = (spec: PersistentVolumeClaimSpec = {}, annotations: Record<string, string> = asked): Claim => ({
  metadata: meta('data', { namespace: 'default', annotations }),
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
})
const one: Live<Node> = { metadata: meta('one', { labels: { 'kubernetes.io/hostname': 'host-one' } }) }
const theClass = { ...defaultClass, metadata: meta('local-path') }
const plan = (claim: Claim, node: Live<Node> | undefined = one) => planProvision(claim, theClass, node)

describe('a volume of the class local-path', () => {
  it('is a folder on the node that the scheduler chose, for this claim alone', () => {
    const result = plan(aClaim())
    expect(result).toMatchObject({
      action: 'create',
      volume: {
        metadata: { name: 'pvc-uid-data', annotations: { 'pv.kubernetes.io/provisioned-by': localPath } },
        spec: {
          capacity: { storage: '1Gi' },
          hostPath: { path: '/var/lib/orrery/volumes/pvc-uid-data', type: 'DirectoryOrCreate' },
          claimRef: { name: 'data', namespace: 'default', uid: 'uid-data' },
          persistentVolumeReclaimPolicy: 'Delete',
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['host-one'] }] },
              ],
            },
          },
        },
      },
    })
  })

  it.each<[string, Claim, string]>([
    ['that nobody asked us for', aClaim({}, {}), 'none'],
    ['for a claim that has one', aClaim({ volumeName: 'x' }), 'none'],
    ['for many nodes', aClaim({ accessModes: ['ReadWriteMany'] }), 'refuse'],
    ['that is a disk', aClaim({ volumeMode: 'Block' }), 'refuse'],
    ['for no node', aClaim({}, { 'volume.kubernetes.io/storage-provisioner': localPath }), 'refuse'],
    ['from a snapshot', aClaim({ dataSource: { kind: 'VolumeSnapshot', name: 's' } }), 'refuse'],
  ])('is not made %s', (_what, claim, action) => {
    expect(plan(claim).action).toBe(action)
  })

  it('is not made on a node that is gone', () => {
    expect(planProvision(aClaim(), theClass, undefined)).toMatchObject({ action: 'refuse' })
  })
})

describe('the end of such a volume', () => {
  const aVolume = (
    phase: string,
    policy = 'Delete',
    rest: ObjectMeta = {},
    spec: PersistentVolumeSpec = {},
  ): Volume => ({
    metadata: meta('pvc-1', {
      annotations: { 'pv.kubernetes.io/provisioned-by': localPath, 'volume.kubernetes.io/selected-node': 'one' },
      ...rest,
    }),
    spec: {
      persistentVolumeReclaimPolicy: policy,
      hostPath: { path: '/var/lib/orrery/volumes/pvc-1' },
      ...spec,
    },
    status: { phase },
  })
  const helper = (phase: string) => aPod('remove-pvc-1', { status: { phase } })
  const leaving = { deletionTimestamp: ago(1) }

  it.each<[string, Volume, ReturnType<typeof helper> | undefined, boolean, string]>([
    ['nothing while it is bound', aVolume('Bound'), undefined, true, 'none'],
    [
      'nothing while it is bound, though it is to go',
      aVolume('Bound', 'Delete', annotated(leaving)),
      undefined,
      true,
      'none',
    ],
    ['a helper on its node, when it is released', aVolume('Released'), undefined, true, 'startHelper'],
    ['patience while the helper works', aVolume('Released'), helper('Running'), true, 'waitForHelper'],
    ['its removal, when the folder is gone', aVolume('Released'), helper('Succeeded'), true, 'remove'],
    ['another helper, when one failed', aVolume('Released'), helper('Failed'), true, 'retry'],
    ['its removal, when the node took the folder along', aVolume('Released'), undefined, false, 'remove'],
    ['nothing, when it is to be kept', aVolume('Released', 'Retain'), undefined, true, 'none'],
    [
      'to be let go, when it is to be kept and was deleted',
      aVolume('Released', 'Retain', annotated(leaving)),
      undefined,
      true,
      'letGo',
    ],
    ['nothing of ours', aVolume('Released', 'Delete', { annotations: {} }), undefined, true, 'none'],
  ])('is %s', (_what, volume, pod, nodeIsThere, expected) => {
    expect(planCleanup(volume, pod, nodeIsThere)).toBe(expected)
  })

  function annotated(rest: ObjectMeta): ObjectMeta {
    const annotations = {
      'pv.kubernetes.io/provisioned-by': localPath,
      'volume.kubernetes.io/selected-node': 'one',
    }
    return { ...rest, annotations }
  }

  it('removes its own folder on its own node, and no other', () => {
    expect(helperPod(aVolume('Released'), 'busybox')).toMatchObject({
      metadata: { name: 'remove-pvc-1', namespace: 'kube-system' },
      spec: { nodeName: 'one', containers: [{ command: ['rm', '-rf', '/volumes/pvc-1'] }] },
    })
    for (const path of [
      '/etc',
      '/var/lib/orrery/volumes/',
      '/var/lib/orrery/volumes/../x',
      '/var/lib/orrery/volumes/a/b',
    ])
      expect(helperPod(aVolume('Released', 'Delete', {}, { hostPath: { path } }), 'busybox')).toBeUndefined()
  })
})

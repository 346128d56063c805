/** Volumes of CSI drivers on the nodes of their pods; the drivers are played by the test. */
import { afterEach, expect, it } from 'vitest'
import type { Kind } from '../../src-main/api/define-kind.ts'
import { event } from '../../src-main/api/kinds/core/event.ts'
import { node } from '../../src-main/api/kinds/core/node.ts'
import { persistentVolumeClaim } from '../../src-main/api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume } from '../../src-main/api/kinds/core/persistent-volume.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { kindByResource } from '../../src-main/api/kinds/index.ts'
import type { VolumeAttachment } from '../../src-main/api/types/storage-v1.ts'
import { startWorkloadCluster, type WorkloadCluster } from '../support/workload-cluster.ts'

let running: WorkloadCluster | undefined
afterEach(async () => {
  expect(running?.complaints.filter(({ message }) => / is forbidden: User /.test(message)) ?? []).toEqual([])
  await running?.stop()
  running = undefined
})

const attachmentKind = kindByResource('storage.k8s.io', 'v1', 'volumeattachments') as Kind<VolumeAttachment>
const named = (name: string) => ({ name, namespace: 'default' })

it('a volume is attached to the node of its pod, and leaves it with the pod', async () => {
  const cluster = await startWorkloadCluster(['one', 'two'])
  running = cluster
  const { client } = cluster
  const accessModes = ['ReadWriteOnce']
  await client.create(persistentVolume, {
    metadata: { name: 'data' },
    spec: {
      ...{ accessModes, capacity: { storage: '1Gi' }, persistentVolumeReclaimPolicy: 'Retain' },
      csi: { driver: 'csi.example.com', volumeHandle: 'h1' },
    },
  })
  await client.create(persistentVolumeClaim, {
    metadata: named('data'),
    spec: { accessModes, resources: { requests: { storage: '1Gi' } }, storageClassName: '', volumeName: 'data' },
  })
  const aPod = (name: string, nodeName: string) =>
    client.create(pod, {
      metadata: named(name),
      spec: {
        nodeName,
        containers: [{ name: 'web', image: 'orrery.dev/web:1' }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      },
    })
  const attachments = async () => (await client.list(attachmentKind)).items
  await aPod('first', 'one')
  await cluster.until(async () => (await attachments()).length === 1)
  const [made] = await attachments()
  expect(made?.spec).toEqual({
    ...{ attacher: 'csi.example.com', nodeName: 'one' },
    source: { persistentVolumeName: 'data' },
  })
  const patch = { type: 'merge', patch: { status: { attached: true } } } as const
  await client.patch(attachmentKind, { name: made!.metadata.name }, patch, { subresource: 'status' })
  const attached = async (name: string) => (await client.get(node, { name })).status?.volumesAttached
  await cluster.until(async () => (await attached('one')) !== undefined)
  expect(await attached('one')).toEqual([{ name: 'kubernetes.io/csi/csi.example.com^h1', devicePath: '' }])
  await aPod('second', 'two')
  const said = async (reason: string) => (await client.list(event)).items.some((one) => one.reason === reason)
  await cluster.until(() => said('FailedAttachVolume'))
  expect(await said('SuccessfulAttachVolume')).toBe(true)
  expect(await attachments()).toHaveLength(1)
  await client.delete(pod, named('first'))
  await cluster.until(async () => (await attachments())[0]?.spec.nodeName === 'two')
  expect(await attached('one')).toBeUndefined()
})

import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { Node } from '../../api/types/core-v1.ts'
import type { VolumeAttachment } from '../../api/types/storage-v1.ts'
import { ago, nowMs } from '../test-objects.ts'
import { attachmentName, planAttachments, uniqueNameOf, unmountTimeoutMs, type AttachmentsObserved } from './plan.ts'

const data = { name: 'data', driver: 'csi.example.com', handle: 'h1', shared: false }
const inUse = [uniqueNameOf(data)]
const aNode = (status: Node['status'] = {}, spec: Node['spec'] = {}): Live<Node> => ({
  metadata: { name: 'one', uid: 'n', resourceVersion: '1', creationTimestamp: ago(999) },
  ...{ spec, status },
})
const attachment = (
  status?: VolumeAttachment['status'],
  name = attachmentName(data, 'one'),
): Live<VolumeAttachment> => ({
  metadata: { name, uid: 'a', resourceVersion: '1', creationTimestamp: ago(99) },
  spec: { attacher: data.driver, nodeName: 'one', source: { persistentVolumeName: 'data' } },
  ...(status === undefined ? {} : { status }),
})
const plan = (rest: Partial<AttachmentsObserved>) =>
  planAttachments({
    ...{ nodeName: 'one', node: aNode(), wanted: [], attachments: [], nowMs },
    ...{ volume: () => data, isElsewhere: () => false, unwantedSince: new Map<string, number>() },
    ...rest,
  })

describe('the attachments of a node', () => {
  it('come with the first pod that uses the volume, under a name that follows from both', () => {
    const { create, blocked } = plan({ wanted: [data] })
    expect(create).toEqual([
      {
        metadata: { name: expect.stringMatching(/^csi-[0-9a-f]{64}$/) as string },
        spec: { attacher: 'csi.example.com', nodeName: 'one', source: { persistentVolumeName: 'data' } },
      },
    ])
    expect(blocked).toEqual([])
    expect(plan({ wanted: [data], attachments: [attachment()] }).create).toEqual([])
  })

  it('are told in the status of the node once the driver has made them', () => {
    expect(plan({ wanted: [data], attachments: [attachment({ attached: false })] }).attached).toEqual([])
    const made = plan({ wanted: [data], attachments: [attachment({ attached: true })] })
    expect(made.attached).toEqual([{ name: 'kubernetes.io/csi/csi.example.com^h1', devicePath: '' }])
  })

  it('wait while another node has a volume that is for one alone', () => {
    const elsewhere = { wanted: [data], isElsewhere: () => true }
    expect(plan(elsewhere)).toMatchObject({ create: [], blocked: [data], requeueAfterMs: 10_000 })
    expect(plan({ ...elsewhere, wanted: [{ ...data, shared: true }] }).create).toHaveLength(1)
  })

  const since = (ms: number) => new Map([['a', nowMs - ms]])
  const ready = (status: string) => [{ type: 'Ready', status }]
  const outOfService = { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] }
  it.each<[string, Partial<AttachmentsObserved>, boolean, number | undefined]>([
    ['at once when the node has let go', {}, true, undefined],
    ['not while the node has it in use', { node: aNode({ volumesInUse: inUse }) }, false, unmountTimeoutMs],
    [
      'after six minutes when the node is not well',
      { node: aNode({ volumesInUse: inUse, conditions: ready('Unknown') }), unwantedSince: since(unmountTimeoutMs) },
      true,
      undefined,
    ],
    [
      'never while the node is well and has it in use',
      { node: aNode({ volumesInUse: inUse, conditions: ready('True') }), unwantedSince: since(unmountTimeoutMs) },
      false,
      unmountTimeoutMs,
    ],
    [
      'at once when the node is out of service',
      { node: aNode({ volumesInUse: inUse }, outOfService) },
      true,
      undefined,
    ],
    ['at once when the node is gone', { node: undefined }, true, undefined],
  ])('go %s', (_when, rest, removed, requeueAfterMs) => {
    const result = plan({ attachments: [attachment({ attached: true })], ...rest })
    expect(result.remove).toHaveLength(removed ? 1 : 0)
    expect(result.attached).toHaveLength(removed ? 0 : 1)
    expect(result.waiting).toEqual(removed ? [] : ['a'])
    expect(result.requeueAfterMs).toBe(requeueAfterMs)
  })

  it('that somebody else made are left alone', () => {
    expect(plan({ attachments: [attachment({ attached: true }, 'by-hand')] }).remove).toEqual([])
  })
})

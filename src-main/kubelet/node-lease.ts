import { isReason } from '../api/errors.ts'
import { lease as leaseKind } from '../api/kinds/coordination/lease.ts'
import type { Lease } from '../api/types/coordination-v1.ts'
import type { Client } from '../client/client.ts'
import { microTimestamp, type Clock } from '../lib/clock.ts'

const namespace = 'kube-node-lease'
const durationSeconds = 40

/** Says that the node lives. Nobody else writes this object, so the write needs no comparison. */
export async function renewLease(client: Client, clock: Clock, nodeName: string, nodeUid: string): Promise<void> {
  const ref = { name: nodeName, namespace }
  const renewTime = microTimestamp(clock.now())
  try {
    await client.patch(leaseKind, ref, { type: 'merge', patch: { spec: { holderIdentity: nodeName, renewTime } } })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    const lease: Lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...ref, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: nodeUid }] },
      spec: { holderIdentity: nodeName, leaseDurationSeconds: durationSeconds, renewTime },
    }
    await client.create(leaseKind, lease)
  }
}

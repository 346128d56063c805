/** The older form of ReplicaSets: the same rules, but its selector knows equality alone. */
import { replicationController } from '../../api/kinds/core/replication-controller.ts'
import type { Live } from '../../api/meta/object.ts'
import type { ReplicaSet, ReplicaSetStatus } from '../../api/types/apps-v1.ts'
import type { ReplicationController } from '../../api/types/core-v1.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { startReplicaController } from '../replicaset/replica-controller.ts'

function asReplicaSet({ metadata, spec, status }: Live<ReplicationController>): Live<ReplicaSet> {
  const { selector, ...rest } = spec ?? {}
  return {
    metadata,
    spec: { ...rest, selector: { matchLabels: selector ?? {} } },
    ...(status === undefined ? {} : { status }),
  }
}

/** How many pods are on their way out is a word of the newer form alone. */
function withStatus(
  object: Live<ReplicationController>,
  { terminatingReplicas: _, ...status }: ReplicaSetStatus,
): Live<ReplicationController> {
  return { ...object, status }
}

export function startReplicationControllerController(context: ControllerContext): Disposable {
  return startReplicaController(context, {
    name: 'replicationcontroller',
    kind: replicationController,
    asReplicaSet,
    withStatus,
  })
}

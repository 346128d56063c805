/** ReplicaSets keep so many pods; Deployments make them. */
import { replicaSet } from '../../api/kinds/apps/replica-set.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { startReplicaController } from './replica-controller.ts'

export function startReplicaSetController(context: ControllerContext): Disposable {
  return startReplicaController(context, {
    name: 'replicaset',
    kind: replicaSet,
    asReplicaSet: (object) => object,
    withStatus: (object, status) => ({ ...object, status }),
  })
}

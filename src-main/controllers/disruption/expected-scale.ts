/** How many pods the owners of some pods want, each owner asked once. */
import type { Kind } from '../../api/define-kind.ts'
import { isReason } from '../../api/errors.ts'
import { deployment as deploymentKind } from '../../api/kinds/apps/deployment.ts'
import { replicaSet as replicaSetKind } from '../../api/kinds/apps/replica-set.ts'
import type { KubernetesObject, Live } from '../../api/meta/object.ts'
import { controllerOf } from '../../api/meta/owner-references.ts'
import type { ReplicaSet } from '../../api/types/apps-v1.ts'
import type { Scale } from '../../api/types/autoscaling-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { OwnerReference } from '../../api/types/meta-v1.ts'
import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/informer.ts'

export interface ScaleSources {
  readonly client: Client
  readonly replicaSets: Informer<ReplicaSet>
  readonly servedKinds: () => readonly Kind[]
}

export interface ExpectedScale {
  readonly count: number
  /** Names of pods that nobody manages: how many of those there should be cannot be known. */
  readonly unmanaged: readonly string[]
}

/** Throws an Error when the scale of an owner cannot be found out. */
export async function expectedScale(sources: ScaleSources, pods: readonly Live<Pod>[]): Promise<ExpectedScale> {
  const owners = new Map<string, { reference: OwnerReference; pod: Live<Pod> }>()
  const unmanaged: string[] = []
  for (const pod of pods) {
    const controller = controllerOf(pod)
    if (controller === undefined) unmanaged.push(pod.metadata.name)
    else {
      const reference = ownerOf(sources, controller, pod.metadata.namespace)
      owners.set(reference.uid, { reference, pod })
    }
  }
  const counts = await Promise.all([...owners.values()].map(({ reference, pod }) => scaleOf(sources, reference, pod)))
  return { count: counts.reduce((sum, count) => sum + count, 0), unmanaged }
}

/** A Deployment stands behind its ReplicaSets, of which two may have pods during a rollout. */
function ownerOf({ replicaSets }: ScaleSources, controller: OwnerReference, namespace = ''): OwnerReference {
  if (controller.kind !== replicaSetKind.kind || controller.apiVersion !== replicaSetKind.apiVersion) return controller
  const set = replicaSets.lister.get(namespace, controller.name)
  const above = set === undefined || set.metadata.uid !== controller.uid ? undefined : controllerOf(set)
  return above?.kind === deploymentKind.kind && above.apiVersion === deploymentKind.apiVersion ? above : controller
}

async function scaleOf(
  { client, servedKinds }: ScaleSources,
  { apiVersion, kind, name, uid }: OwnerReference,
  { metadata }: Live<Pod>,
): Promise<number> {
  const owner = servedKinds().find((one) => one.apiVersion === apiVersion && one.kind === kind)
  if (owner === undefined) throw new Error(`found no controllers for pod ${JSON.stringify(metadata.name)}`)
  if (owner.subresources.scale === undefined)
    throw new Error(`${owner.plural}.${owner.group} does not implement the scale subresource`)
  const { namespace = '' } = metadata
  try {
    const scale = (await client.get(owner, { name, namespace }, 'scale')) as Live<KubernetesObject> & Scale
    if (scale.metadata.uid !== uid) throw new Error(`found no controllers for pod ${JSON.stringify(metadata.name)}`)
    return scale.spec?.replicas ?? 0
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    throw new Error(`found no controllers for pod ${JSON.stringify(metadata.name)}`, { cause: error })
  }
}

/** Makes the claims of volumes that live and die with their pod (KEP-1698). */
import { isReason } from '../../api/errors.ts'
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import type { Live } from '../../api/meta/object.ts'
import { ownerReference } from '../../api/meta/owner-references.ts'
import { isTerminated, isTerminating } from '../../api/meta/pod.ts'
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext } from '../../client/controller.ts'
import { watchOwn, watchOwned } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'

/** One claim for each ephemeral volume; the pod owns it, so that it goes with the pod. */
export function ephemeralClaims(pod: Live<Pod>): PersistentVolumeClaim[] {
  if (isTerminating(pod) || isTerminated(pod)) return []
  const { name, namespace = '' } = pod.metadata
  return (pod.spec?.volumes ?? []).flatMap(({ name: volume, ephemeral }) => {
    const { metadata, spec } = ephemeral?.volumeClaimTemplate ?? {}
    if (spec === undefined) return []
    const { labels, annotations } = metadata ?? {}
    return [
      {
        metadata: {
          name: `${name}-${volume}`,
          namespace,
          ...(labels === undefined ? {} : { labels }),
          ...(annotations === undefined ? {} : { annotations }),
          ownerReferences: [ownerReference(pod, podKind)],
        },
        spec,
      },
    ]
  })
}

export function startEphemeralVolumeController(context: ControllerContext): Disposable {
  const { informers, client, events, clock, random, log, probe } = context
  const pods = informers.of(podKind)
  const claims = informers.of(claimKind)
  const reconcile = async (key: string, { cause }: ReconcileContext): Promise<void> => {
    const pod = pods.lister.byKey(key)
    if (pod === undefined) return
    for (const wanted of ephemeralClaims(pod)) {
      const { name = '', namespace } = wanted.metadata ?? {}
      const known = claims.lister.get(namespace, name)
      if (known?.metadata.ownerReferences?.some(({ uid }) => uid === pod.metadata.uid) === true) continue
      const about = { ...pod, apiVersion: podKind.apiVersion, kind: podKind.kind }
      const foreign = `PVC "${namespace}/${name}" was not created for pod "${key}" (pod is not owner)`
      if (known !== undefined) {
        events.event(about, 'Warning', 'EphemeralVolumeConflict', foreign)
        continue
      }
      try {
        await client.create(claimKind, wanted, { cause })
      } catch (error) {
        // The watch shows whose it is, and calls again.
        if (!isReason(error, 'AlreadyExists')) throw error
      }
    }
  }
  return runController({
    name: 'ephemeral-volume',
    kind: podKind,
    sources: [
      watchOwn(pods, ({ spec }) => spec?.volumes?.some(({ ephemeral }) => ephemeral !== undefined) === true),
      watchOwned(claims, podKind),
    ],
    workers: 5,
    reconcile,
    clock,
    random,
    log,
    probe,
  })
}

/** Makes the claims of volumes that live and die with their pod (KEP-1698). */
import { isReason } from '../../api/errors.ts'
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import { isControlledBy, ownerReference } from '../../api/meta/owner-references.ts'
import { isTerminating } from '../../api/meta/pod.ts'
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext } from '../../client/controller.ts'
import { watchOwn, watchOwned } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError } from '../../lib/log.ts'
import type { ControllerContext } from '../context.ts'

export interface EphemeralClaim {
  /** The name that the volume has in the pod. */
  readonly volume: string
  readonly claim: PersistentVolumeClaim
}

/** What is wrong when a claim stands in the place of the pod's own. */
export function foreignWords(pod: Live<Pod>, { metadata }: Live<PersistentVolumeClaim>): string | undefined {
  if (isControlledBy({ metadata }, pod)) return undefined
  return `PVC ${metadata.namespace ?? ''}/${metadata.name} was not created for pod ${keyOf(pod)} (pod is not owner)`
}

/** One claim for each ephemeral volume; the pod owns it, so that it goes with the pod. */
export function ephemeralClaims(pod: Live<Pod>): EphemeralClaim[] {
  if (isTerminating(pod)) return []
  const { name, namespace = '' } = pod.metadata
  return (pod.spec?.volumes ?? []).flatMap(({ name: volume, ephemeral }) => {
    const { metadata, spec } = ephemeral?.volumeClaimTemplate ?? {}
    if (spec === undefined) return []
    const { labels, annotations } = metadata ?? {}
    const claim = {
      metadata: {
        name: `${name}-${volume}`,
        namespace,
        ...(labels === undefined ? {} : { labels }),
        ...(annotations === undefined ? {} : { annotations }),
        ownerReferences: [ownerReference(pod, podKind)],
      },
      spec,
    }
    return [{ volume, claim }]
  })
}

export function startEphemeralVolumeController(context: ControllerContext): Disposable {
  const { informers, client, events, clock, random, log, probe } = context
  const pods = informers.of(podKind)
  const claims = informers.of(claimKind)
  /** Why the claim cannot be made; undefined when it is. */
  const problemOf = async (
    claim: PersistentVolumeClaim,
    cause: ReconcileContext['cause'],
  ): Promise<string | undefined> => {
    try {
      await client.create(claimKind, claim, { cause })
      return undefined
    } catch (error) {
      // The watch shows whose it is, and calls again.
      if (isReason(error, 'AlreadyExists')) return undefined
      return `create PVC ${claim.metadata?.name ?? ''}: ${describeError(error)}`
    }
  }
  const reconcile = async (key: string, { cause }: ReconcileContext): Promise<void> => {
    const pod = pods.lister.byKey(key)
    if (pod === undefined) return
    for (const { volume, claim: wanted } of ephemeralClaims(pod)) {
      const known = claims.lister.get(pod.metadata.namespace, wanted.metadata?.name ?? '')
      const problem = known === undefined ? await problemOf(wanted, cause) : foreignWords(pod, known)
      if (problem === undefined) continue
      const about = { ...pod, apiVersion: podKind.apiVersion, kind: podKind.kind }
      events.event(about, 'Warning', 'FailedBinding', `ephemeral volume ${volume}: ${problem}`)
      throw new Error(`pod ${key}, ephemeral volume ${volume}: ${problem}`)
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

/** A claim that is deleted stays while pods use it. */
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { runController } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import { listAll } from '../../client/list-all.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { keepFinalizer } from './keep-finalizer.ts'
import { claimNamesOf, usesClaim } from './plan.ts'

const finalizer = 'kubernetes.io/pvc-protection'
const byClaim = 'claim'

export function startClaimProtection(context: ControllerContext): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const claims = informers.of(claimKind)
  const pods = informers
    .of(podKind)
    .addIndex(byClaim, (pod) => claimNamesOf(pod).map((name) => `${pod.metadata.namespace ?? ''}/${name}`))
  return runController({
    name: 'pvc-protection',
    kind: claimKind,
    sources: [
      watchOwn(claims),
      watchMapped(pods, (pod) => claimNamesOf(pod).map((name) => `${pod.metadata.namespace ?? ''}/${name}`)),
    ],
    async reconcile(key, reconcile) {
      const claim = claims.lister.byKey(key)
      if (claim === undefined) return
      const isUsed = (): boolean => pods.lister.byIndex(byClaim, key).some((pod) => usesClaim(pod, claim))
      const isUsedLive = async (): Promise<boolean> => {
        const { items } = await listAll(client, podKind, { namespace: claim.metadata.namespace ?? '' })
        return items.some((pod) => usesClaim(pod, claim))
      }
      await keepFinalizer(context, claimKind, claim, finalizer, isUsed, reconcile, isUsedLive)
    },
    clock,
    random,
    log,
    probe,
  })
}

/** A volume that is deleted stays while it is bound to a claim. */
import { persistentVolume as volumeKind } from '../../api/kinds/core/persistent-volume.ts'
import { runController } from '../../client/controller.ts'
import { watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { keepFinalizer } from './keep-finalizer.ts'
import { isVolumeUsed } from './plan.ts'

const finalizer = 'kubernetes.io/pv-protection'

export function startVolumeProtection(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const volumes = informers.of(volumeKind)
  return runController({
    name: 'pv-protection',
    kind: volumeKind,
    sources: [watchOwn(volumes)],
    async reconcile(key, reconcile) {
      const volume = volumes.lister.byKey(key)
      if (volume === undefined) return
      await keepFinalizer(context, volumeKind, volume, finalizer, () => isVolumeUsed(volume), reconcile)
    },
    clock,
    random,
    log,
    probe,
  })
}

/** An attribute class that is deleted stays while a claim or a volume has it. */
import type { Kind } from '../../api/define-kind.ts'
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume as volumeKind } from '../../api/kinds/core/persistent-volume.ts'
import { kindByResource } from '../../api/kinds/index.ts'
import { runController } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { keepFinalizer } from './keep-finalizer.ts'
import { attributeClassesOf } from './plan.ts'

const finalizer = 'kubernetes.io/vac-protection'
const byClass = 'attribute-class'

export function startAttributeClassProtection(context: ControllerContext): Disposable {
  const kind = kindByResource('storage.k8s.io', 'v1', 'volumeattributesclasses')
  return kind === undefined ? new DisposableStack() : protect(context, kind)
}

function protect(context: ControllerContext, kind: Kind): Disposable {
  const { informers, clock, random, log, probe } = context
  const classes = informers.of(kind)
  const claims = informers.of(claimKind).addIndex(byClass, attributeClassesOf)
  const volumes = informers.of(volumeKind).addIndex(byClass, ({ spec }) => [spec?.volumeAttributesClassName ?? ''])
  return runController({
    name: 'volumeattributesclass-protection',
    kind,
    sources: [
      watchOwn(classes),
      watchMapped(claims, attributeClassesOf),
      watchMapped(volumes, ({ spec }) =>
        spec?.volumeAttributesClassName === undefined ? [] : [spec.volumeAttributesClassName],
      ),
    ],
    async reconcile(name, reconcile) {
      const found = classes.lister.byKey(name)
      if (found === undefined) return
      const isUsed = (): boolean =>
        claims.lister.byIndex(byClass, name).length + volumes.lister.byIndex(byClass, name).length > 0
      await keepFinalizer(context, kind, found, finalizer, isUsed, reconcile)
    },
    clock,
    random,
    log,
    probe,
  })
}

/** Mirrors Endpoints that are written by hand, or by others, into EndpointSlices. */
import { endpoints as endpointsKind } from '../../api/kinds/core/endpoints.ts'
import { service as serviceKind } from '../../api/kinds/core/service.ts'
import { endpointSlice as sliceKind } from '../../api/kinds/discovery/endpoint-slice.ts'
import type { Live } from '../../api/meta/object.ts'
import type { EndpointSlice } from '../../api/types/discovery-v1.ts'
import { runController, type ReconcileContext } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { applySlices } from '../endpointslice/apply.ts'
import { managedByLabel } from '../endpointslice/plan.ts'
import { serviceNameLabel } from '../service-pods.ts'
import { isMirrored, mirroringManager, planMirror } from './plan.ts'

const byEndpoints = 'mirrored'

function keyOfSlice({ metadata }: Live<EndpointSlice>): string[] {
  const name = metadata.labels?.[serviceNameLabel]
  if (name === undefined || metadata.labels?.[managedByLabel] !== mirroringManager) return []
  return [`${metadata.namespace ?? ''}/${name}`]
}

export function startEndpointSliceMirroring(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const endpoints = informers.of(endpointsKind)
  const services = informers.of(serviceKind)
  const slices = informers.of(sliceKind).addIndex(byEndpoints, keyOfSlice)
  const reconcile = async (key: string, { cause }: ReconcileContext): Promise<void> => {
    const source = endpoints.lister.byKey(key)
    const own = slices.lister.byIndex(byEndpoints, key)
    const mirrored = source !== undefined && isMirrored(source, services.lister.byKey(key))
    // A namesake that came later makes slices of its own.
    const plan = mirrored
      ? planMirror(
          source,
          own.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === source.metadata.uid)),
        )
      : { create: [], update: [], remove: own }
    await applySlices(context.client, plan, cause)
  }
  return runController({
    name: 'endpointslice-mirroring',
    kind: endpointsKind,
    sources: [watchOwn(endpoints), watchOwn(services), watchMapped(slices, keyOfSlice)],
    workers: 5,
    reconcile,
    clock,
    random,
    log,
    probe,
  })
}

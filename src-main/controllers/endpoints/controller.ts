/** Keeps the Endpoints of services equal to the pods that they select. */
import { isReason } from '../../api/errors.ts'
import { endpoints as endpointsKind } from '../../api/kinds/core/endpoints.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { service as serviceKind } from '../../api/kinds/core/service.ts'
import { splitKey } from '../../api/meta/object.ts'
import type { Endpoints, Pod, Service } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { servicesOf } from '../endpointslice/controller.ts'
import { hasOwnEndpoints, selectsPod } from '../service-pods.ts'
import { TriggerTimes, withTriggerTime } from '../trigger-times.ts'
import { planEndpoints, sameEndpoints } from './plan.ts'

interface Parts {
  readonly context: ControllerContext
  readonly services: Informer<Service>
  readonly pods: Informer<Pod>
  readonly endpoints: Informer<Endpoints>
  readonly times: TriggerTimes
}

export function startEndpointsController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const parts = {
    context,
    services: informers.of(serviceKind),
    pods: informers.of(podKind),
    endpoints: informers.of(endpointsKind),
    times: new TriggerTimes(),
  }
  return runController({
    name: 'endpoints',
    kind: serviceKind,
    sources: [
      watchOwn(parts.services),
      watchMapped(parts.pods, (pod) => servicesOf(parts.services, pod)),
      watchOwn(parts.endpoints),
    ],
    workers: 5,
    reconcile: (key, reconcile) => reconcileService(parts, key, reconcile),
    clock,
    random,
    log,
    probe,
  })
}

async function reconcileService(parts: Parts, key: string, { cause }: ReconcileContext): Promise<void> {
  const { services, pods, endpoints, times, context } = parts
  const { client } = context
  const { name, namespace = '' } = splitKey(key)
  const service = services.lister.byKey(key)
  const existing = endpoints.lister.byKey(key)
  if (service === undefined) {
    times.forget(key)
    if (existing === undefined || existing.metadata.labels?.['endpoints.kubernetes.io/managed-by'] === undefined) return
    await client.delete(endpointsKind, { name, namespace }, { preconditions: { uid: existing.metadata.uid }, cause })
    return
  }
  if (service.metadata.deletionTimestamp !== undefined || !hasOwnEndpoints(service)) return
  const selected = pods.lister.list(namespace).filter((pod) => selectsPod(service, pod))
  const plan = planEndpoints(service, selected, existing)
  const wanted = { ...plan, metadata: withTriggerTime(plan.metadata ?? {}, times.next(key, service, selected)) }
  if (existing !== undefined) {
    if (!sameEndpoints(wanted, existing)) await client.update(endpointsKind, wanted, { cause })
    return
  }
  try {
    await client.create(endpointsKind, wanted, { cause })
  } catch (error) {
    // Made a moment ago, by us or by hand: the watch brings it and calls again.
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}

/** Keeps the EndpointSlices of services equal to the pods that they select. */
import { node as nodeKind } from '../../api/kinds/core/node.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { service as serviceKind } from '../../api/kinds/core/service.ts'
import { endpointSlice as sliceKind } from '../../api/kinds/discovery/endpoint-slice.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import type { Node, Pod, Service } from '../../api/types/core-v1.ts'
import type { EndpointSlice } from '../../api/types/discovery-v1.ts'
import { runController, type ReconcileContext } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { hasOwnEndpoints, selectsPod, serviceNameLabel } from '../service-pods.ts'
import { TriggerTimes } from '../trigger-times.ts'
import { applySlices } from './apply.ts'
import { managedBy, managedByLabel, planEndpointSlices, triggeredAt } from './plan.ts'

const byService = 'service'
const zoneLabel = 'topology.kubernetes.io/zone'

interface Parts {
  readonly context: ControllerContext
  readonly services: Informer<Service>
  readonly pods: Informer<Pod>
  readonly nodes: Informer<Node>
  readonly slices: Informer<EndpointSlice>
  readonly times: TriggerTimes
}

function keyOfSlice({ metadata }: Live<EndpointSlice>): string[] {
  const name = metadata.labels?.[serviceNameLabel]
  if (name === undefined || metadata.labels?.[managedByLabel] !== managedBy) return []
  return [`${metadata.namespace ?? ''}/${name}`]
}

export function startEndpointSliceController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const parts = {
    context,
    services: informers.of(serviceKind),
    pods: informers.of(podKind),
    nodes: informers.of(nodeKind),
    slices: informers.of(sliceKind).addIndex(byService, keyOfSlice),
    times: new TriggerTimes(),
  }
  return runController({
    name: 'endpointslice',
    kind: serviceKind,
    sources: [
      watchOwn(parts.services),
      watchMapped(parts.pods, (pod) => servicesOf(parts.services, pod)),
      watchMapped(parts.slices, keyOfSlice),
      // Zones must be known before the first slice; a node that changes its zone is no event worth a round.
      watchMapped(parts.nodes, () => []),
    ],
    workers: 5,
    reconcile: (key, reconcile) => reconcileService(parts, key, reconcile),
    clock,
    random,
    log,
    probe,
  })
}

/** The keys of the services that select a pod. */
export function servicesOf(services: Informer<Service>, pod: Live<Pod>): string[] {
  return services.lister
    .list(pod.metadata.namespace)
    .filter((service) => selectsPod(service, pod))
    .map(keyOf)
}

async function reconcileService(parts: Parts, key: string, { cause }: ReconcileContext): Promise<void> {
  const { services, pods, nodes, slices, times, context } = parts
  const service = services.lister.byKey(key)
  if (service === undefined) times.forget(key)
  // The slices of a service that is gone go with their owner.
  if (service === undefined || service.metadata.deletionTimestamp !== undefined || !hasOwnEndpoints(service)) return
  const { namespace = '' } = service.metadata
  const selected = pods.lister.list(namespace).filter((pod) => selectsPod(service, pod))
  const plan = planEndpointSlices({
    service,
    pods: selected,
    slices: slices.lister
      .byIndex(byService, key)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === service.metadata.uid) === true),
    zoneOf: (nodeName) => nodes.lister.get(undefined, nodeName)?.metadata.labels?.[zoneLabel],
  })
  await applySlices(context.client, triggeredAt(plan, times.next(key, service, selected)), cause)
}

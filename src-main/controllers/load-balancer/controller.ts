/** Gives services of type LoadBalancer an address of the lab, at which every node answers (`service-controller`). */
import { service as serviceKind } from '../../api/kinds/core/service.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import type { LoadBalancerStatus, Service } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { EventRecorder } from '../../client/events.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { addressesOf, finalizer, isOurs, planBalancer, typeChange, wantsBalancer } from './plan.ts'

/** When to look again whether an address is free. */
const lookAgainMs = 30_000

/** `range` is a network of the lab that neither machines nor pods use. */
export function startLoadBalancerController(context: ControllerContext, range: string): Disposable {
  const { informers, client, events, clock, random, log, probe } = context
  const services = informers.of(serviceKind)
  /** Given out, but not in the cache yet. */
  const pending = new Map<string, string>()
  const takenBesides = (key: string): Set<string> => {
    const others = services.lister.list().filter((other) => keyOf(other) !== key)
    const given = [...pending].filter(([owner]) => owner !== key).map(([, address]) => address)
    return new Set([...others.flatMap(addressesOf), ...given])
  }
  const reconcile = async (key: string, { cause }: ReconcileContext): Promise<ReconcileResult> => {
    const service = services.lister.byKey(key)
    if (service === undefined) {
      pending.delete(key)
      return undefined
    }
    const plan = planBalancer(service, range, takenBesides(key))
    const tell = (reason: string, message: string): void => report(events, service, reason, message)
    const others = (service.metadata.finalizers ?? []).filter((one) => one !== finalizer)
    const write = async (finalizers: string[], loadBalancer: LoadBalancerStatus): Promise<void> => {
      const metadata = { ...service.metadata, finalizers }
      const status = { ...service.status, loadBalancer }
      await client.update(serviceKind, { ...service, metadata, status }, { subresource: 'status', cause })
    }
    switch (plan.action) {
      case 'assign':
        pending.set(key, plan.address)
        tell('EnsuringLoadBalancer', 'Ensuring load balancer')
        await write([...others, finalizer], { ingress: [{ ip: plan.address, ipMode: 'VIP' }] })
        tell('EnsuredLoadBalancer', 'Ensured load balancer')
        return undefined
      case 'clear':
        tell('DeletingLoadBalancer', 'Deleting load balancer')
        await write(others, {})
        tell('DeletedLoadBalancer', 'Deleted load balancer')
        return undefined
      case 'exhausted':
      case 'refused': {
        const why = plan.action === 'refused' ? plan.message : `the range ${range} has no free address`
        const words = `Error syncing load balancer: failed to ensure load balancer: ${why}`
        tell('EnsuringLoadBalancer', 'Ensuring load balancer')
        report(events, service, 'SyncLoadBalancerFailed', words, 'Warning')
        return { requeueAfterMs: lookAgainMs }
      }
      case 'none':
        pending.delete(key)
        return undefined
    }
  }
  const waiting = (changed: Live<Service>): string[] =>
    addressesOf(changed).length === 0
      ? []
      : services.lister
          .list()
          .filter((service) => isOurs(service) && addressesOf(service).length === 0)
          .map(keyOf)
  const started = new DisposableStack()
  started.use(
    services.on({
      updated(previous, service) {
        const words = typeChange(previous, service)
        if (words !== undefined) report(events, service, 'Type', words)
      },
    }),
  )
  const controller = runController({
    name: 'load-balancer',
    kind: serviceKind,
    sources: [
      watchOwn(services, (service) => wantsBalancer(service) || addressesOf(service).length > 0),
      watchMapped(services, waiting),
    ],
    reconcile,
    clock,
    random,
    log,
    probe,
  })
  started.use(controller)
  return started
}

function report(
  events: EventRecorder,
  service: Live<Service>,
  reason: string,
  message: string,
  type: 'Normal' | 'Warning' = 'Normal',
): void {
  events.event({ ...service, apiVersion: serviceKind.apiVersion, kind: serviceKind.kind }, type, reason, message)
}

/** Gives services of type LoadBalancer an address of the lab, at which every node answers (`service-controller`). */
import { service as serviceKind } from '../../api/kinds/core/service.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import type { Service } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { addressesOf, isOurs, planBalancer } from './plan.ts'

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
    const about = { ...service, apiVersion: serviceKind.apiVersion, kind: serviceKind.kind }
    const write = async (ingress: { ip: string; ipMode: string }[]): Promise<void> => {
      const status = { ...service.status, loadBalancer: ingress.length === 0 ? {} : { ingress } }
      await client.update(serviceKind, { ...service, status }, { subresource: 'status', cause })
    }
    switch (plan.action) {
      case 'assign':
        pending.set(key, plan.address)
        events.event(about, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer')
        await write([{ ip: plan.address, ipMode: 'VIP' }])
        events.event(about, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer')
        return undefined
      case 'clear':
        await write([])
        events.event(about, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer')
        return undefined
      case 'exhausted':
      case 'refused': {
        const why = plan.action === 'refused' ? plan.message : `the range ${range} has no free address`
        events.event(about, 'Warning', 'SyncLoadBalancerFailed', `Error syncing load balancer: ${why}`)
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
  return runController({
    name: 'load-balancer',
    kind: serviceKind,
    sources: [
      watchOwn(services, (service) => isOurs(service) || addressesOf(service).length > 0),
      watchMapped(services, waiting),
    ],
    reconcile,
    clock,
    random,
    log,
    probe,
  })
}

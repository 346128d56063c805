/** Puts ServiceCIDRs to use, and lets them go when no service has an address of theirs any more. */
import type { Kind } from '../../api/define-kind.ts'
import { kindByResource } from '../../api/kinds/index.ts'
import type { IPAddress, ServiceCIDR } from '../../api/types/networking-v1.ts'
import { runController, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { planRange } from './plan.ts'

const group = 'networking.k8s.io'

export function startServiceCidrController(context: ControllerContext): Disposable {
  const ranges = kindByResource(group, 'v1', 'servicecidrs') as Kind<ServiceCIDR> | undefined
  const addresses = kindByResource(group, 'v1', 'ipaddresses') as unknown as Kind<IPAddress> | undefined
  return ranges === undefined || addresses === undefined ? new DisposableStack() : run(context, ranges, addresses)
}

function run(
  { client, informers, clock, random, log, probe }: ControllerContext,
  kind: Kind<ServiceCIDR>,
  addressKind: Kind<IPAddress>,
): Disposable {
  const ranges = informers.of(kind)
  const addresses = informers.of(addressKind)
  const going = (): string[] =>
    ranges.lister.list().flatMap(({ metadata }) => (metadata.deletionTimestamp === undefined ? [] : metadata.name))
  return runController({
    name: 'service-cidr',
    kind,
    sources: [watchOwn(ranges), watchMapped(ranges, going), watchMapped(addresses, going)],
    async reconcile(name, { cause }): Promise<ReconcileResult> {
      const range = ranges.lister.byKey(name)
      if (range === undefined) return undefined
      const { finalizers, conditions, requeueAfterMs } = planRange({
        range,
        others: ranges.lister.list().filter(({ metadata }) => metadata.name !== name),
        addresses: addresses.lister.list(),
        nowMs: clock.now(),
      })
      let current = range
      if (finalizers !== undefined) {
        const metadata = { ...range.metadata, finalizers: [...finalizers] }
        current = await client.update(kind, { ...range, metadata }, { cause })
      }
      if (conditions !== undefined)
        await client.update(kind, { ...current, status: { conditions } }, { subresource: 'status', cause })
      return requeueAfterMs === undefined ? undefined : { requeueAfterMs }
    },
    clock,
    random,
    log,
    probe,
  })
}

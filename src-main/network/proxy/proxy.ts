/** kube-proxy of one node: turns services into rules on the worker. */
import { node as nodeKind } from '../../api/kinds/core/node.ts'
import { service as serviceKind } from '../../api/kinds/core/service.ts'
import { endpointSlice as sliceKind } from '../../api/kinds/discovery/endpoint-slice.ts'
import { lab as labKind } from '../../api/kinds/lab/lab.ts'
import type { Client } from '../../client/client.ts'
import { createInformers } from '../../client/informers.ts'
import type { Probe } from '../../glass/probe.ts'
import type { Clock } from '../../lib/clock.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import { describeError, type Log } from '../../lib/log.ts'
import type { Random } from '../../lib/random.ts'
import type { Machine } from '../../machines/machine.ts'
import { Syncer } from '../syncer.ts'
import { IptablesApplier } from './iptables/apply.ts'
import { iptablesRules, type LocalRoute, type RulesCache } from './iptables/rules.ts'
import { staleFlows } from './iptables/stale-flows.ts'
import { hintsAtZones, servicePorts, ServicePortsCache, type ServicePortRoutes } from './service-ports.ts'
import { UserspaceApplier } from './userspace/apply.ts'
import { wantedListeners, type ListenersCache } from './userspace/rules.ts'

const zoneLabel = 'topology.kubernetes.io/zone'

export interface ProxyOptions {
  readonly client: Client
  readonly machine: Machine
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
  readonly nodeName: string
  /** The lab whose `spec.proxyMode` is followed: iptables without one. */
  readonly lab: string
  /** The pods' network of the whole cluster. */
  readonly clusterCidr: string
  /** Service addresses that end on the node itself: DNS, the API server. */
  readonly localRoutes: readonly LocalRoute[]
}

/** Disposing stops the updates; the rules stay, so that traffic goes on, but for that of the userspace mode. */
export function startProxy(options: ProxyOptions): Disposable {
  const { client, machine, probe, nodeName, clusterCidr, localRoutes } = options
  const log = options.log.named(`proxy/${nodeName}`)
  const parts = new DisposableStack()
  const informers = createInformers(client, { ...options, log })
  const services = informers.of(serviceKind)
  const slices = informers.of(sliceKind)
  const labs = informers.of(labKind, { fieldSelector: `metadata.name=${options.lab}` })
  const applier = new IptablesApplier(machine)
  const userspace = parts.use(new UserspaceApplier({ ...options, log }))
  const abort = new AbortController()

  const portsCache = new ServicePortsCache(nodeName)
  const rulesCache: RulesCache = new WeakMap()
  const listenersCache: ListenersCache = new WeakMap()
  let known: readonly ServicePortRoutes[] = []

  let followsZone = false
  /** The node's zone is looked up when a service first asks for what is near. */
  const followZone = (): void => {
    if (followsZone || !hintsAtZones(slices.lister.list())) return
    followsZone = true
    const own = informers.of(nodeKind, { fieldSelector: `metadata.name=${nodeName}` })
    const look = (): void => {
      const zone = own.lister.get(undefined, nodeName)?.metadata.labels?.[zoneLabel]
      if (portsCache.setZone(zone)) request()
    }
    parts.use(own.on({ added: look, updated: look }))
  }

  const sync = (): Promise<void> =>
    probe.span('proxy.sync', { 'k8s.node.name': nodeName }, async (addFacts) => {
      followZone()
      const ports = servicePorts(services.lister.list(), slices.lister.list(), portsCache)
      const mode = labs.lister.list()[0]?.spec?.proxyMode ?? 'iptables'
      const wanted = mode === 'userspace' ? wantedListeners(ports, listenersCache) : []
      const bytes = await userspace.apply(wanted, (redirects) =>
        applier.apply(iptablesRules({ ports, clusterCidr, localRoutes, redirects }, rulesCache)),
      )
      addFacts({ mode, ports: ports.length, bytes, ...userspace.facts })
      // Their exit code says only whether there was anything to forget.
      for (const command of staleFlows(known, ports)) await machine.exec(command)
      known = ports
    })
  const syncer = parts.use(
    new Syncer('the rules of services', sync, { ...options, log }, (signal) =>
      probe.gate('proxy.sync', { 'k8s.node.name': nodeName }, signal),
    ),
  )
  // Rules that miss services which are only not listed yet would cut their traffic.
  const request = (): void => {
    if ([services, slices, labs].every(({ hasSynced }) => hasSynced)) syncer.request()
  }
  const changed = { added: request, updated: request, deleted: request }
  parts.use(services.on(changed))
  parts.use(slices.on(changed))
  parts.use(
    labs.on({
      ...changed,
      updated: (previous, { spec }) => void (previous.spec?.proxyMode === spec?.proxyMode || request()),
    }),
  )
  parts.use(
    machine.onConnection((connected) => {
      applier.forget()
      if (connected) request()
    }),
  )
  parts.use(informers.start())
  informers.synced(abort.signal).then(request, (error: unknown) => {
    if (!abort.signal.aborted) log.error(`services cannot be listed: ${describeError(error)}`)
  })
  parts.defer(() => abort.abort(new Error('the proxy was stopped')))
  return parts
}

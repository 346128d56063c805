/** The cluster's DNS on one node: records from services, endpoints and pods, answered by the worker's dnsmasq. */
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { service as serviceKind } from '../../api/kinds/core/service.ts'
import { endpointSlice as sliceKind } from '../../api/kinds/discovery/endpoint-slice.ts'
import type { Client } from '../../client/client.ts'
import { createInformers } from '../../client/informers.ts'
import type { Probe } from '../../glass/probe.ts'
import type { Clock } from '../../lib/clock.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import { describeError, type Log } from '../../lib/log.ts'
import type { Random } from '../../lib/random.ts'
import type { Machine } from '../../machines/machine.ts'
import type { LocalRoute } from '../proxy/iptables/rules.ts'
import { Syncer } from '../syncer.ts'
import { Dnsmasq, dnsPort } from './dnsmasq.ts'
import { dnsRecords, podAddress, type DnsRecords } from './records.ts'

export interface DnsOptions {
  readonly client: Client
  readonly machine: Machine
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
  readonly nodeName: string
  /** `cluster.local`. */
  readonly domain: string
}

const restartPauseMs = 1000

/** The routes by which the cluster's DNS address leads to this node's dnsmasq; for `startProxy`. */
export function dnsRoutes(serviceAddress: string, machine: Machine): LocalRoute[] {
  const target = `${machine.address}:${dnsPort}`
  return (['udp', 'tcp'] as const).map((protocol) => ({
    name: 'cluster DNS',
    address: serviceAddress,
    port: 53,
    protocol,
    target,
  }))
}

/** Disposing stops the updates; dnsmasq goes on answering with what it knows. */
export function startDns(options: DnsOptions): Disposable {
  const { client, machine, probe, nodeName, domain } = options
  const log = options.log.named(`dns/${nodeName}`)
  const parts = new DisposableStack()
  const informers = createInformers(client, { ...options, log })
  const services = informers.of(serviceKind)
  const slices = informers.of(sliceKind)
  const pods = informers.of(podKind)
  const dnsmasq = new Dnsmasq(machine, { address: machine.address, domain })
  const abort = new AbortController()
  const records = (): DnsRecords =>
    dnsRecords({
      ...{ services: services.lister.list(), slices: slices.lister.list(), pods: pods.lister.list() },
      domain,
    })
  const span = (name: string, run: () => Promise<void>): Promise<void> =>
    probe.span(name, { 'k8s.node.name': nodeName }, run)
  const hosts = parts.use(
    new Syncer(
      'the DNS addresses',
      () => span('dns.addresses', () => dnsmasq.applyHosts(records())),
      { ...options, log },
      (signal) => probe.gate('dns.addresses', { 'k8s.node.name': nodeName }, signal),
    ),
  )
  const config = parts.use(
    new Syncer('the DNS server', () => span('dns.server', () => dnsmasq.applyConfig(records())), { ...options, log }),
  )
  let pause: Disposable | undefined
  parts.defer(() => pause?.dispose())
  /** Of many changes in a row, the server takes on all in one restart. */
  const requestSoon = (): void => {
    pause ??= options.clock.after(restartPauseMs, () => {
      pause = undefined
      config.request()
    })
  }
  const hasSynced = (): boolean => services.hasSynced && slices.hasSynced && pods.hasSynced
  const request = (): void => {
    // Records that miss services which are only not listed yet would take their names away.
    if (!hasSynced()) return
    hosts.request()
    requestSoon()
  }
  const start = (): void => {
    request()
    if (hasSynced()) config.request()
  }
  const changed = { added: request, updated: request, deleted: request }
  parts.use(services.on(changed))
  parts.use(slices.on(changed))
  const addressChanged = (): void => {
    if (hasSynced()) hosts.request()
  }
  parts.use(
    pods.on({
      added: (pod) => podAddress(pod) !== undefined && addressChanged(),
      updated: (before, now) => podAddress(before) !== podAddress(now) && addressChanged(),
      deleted: (pod) => podAddress(pod) !== undefined && addressChanged(),
    }),
  )
  parts.use(
    machine.onConnection((connected) => {
      dnsmasq.forget()
      if (connected) start()
    }),
  )
  parts.use(informers.start())
  informers.synced(abort.signal).then(start, (error: unknown) => {
    if (!abort.signal.aborted) log.error(`services cannot be listed: ${describeError(error)}`)
  })
  parts.defer(() => abort.abort(new Error('the DNS was stopped')))
  return parts
}

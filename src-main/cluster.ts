/**
 * The composition root: builds, wires, starts and stops everything of a cluster, in order. It listens nowhere and opens
 * no file, so that a whole cluster also runs in one thread on a virtual clock with a store in memory.
 */
import { hostname } from 'node:os'
import type { Duplex } from 'node:stream'
import { clock as clockKind, clockName } from './api/kinds/glass/clock.ts'
import { timeline } from './api/kinds/glass/timeline.ts'
import { kinds } from './api/kinds/index.ts'
import type { DynamicObject } from './api/meta/object.ts'
import type { Clock as GlassClock, Timeline } from './api/types/glass-v1.ts'
import type { ExtensionAuthentication } from './apiserver/aggregation/extension-config.ts'
import { createApiServer, type ApiServer } from './apiserver/apiserver.ts'
import { addProcessMetrics, createRequestMetrics, MetricRegistry, type RequestMetrics } from './apiserver/metrics.ts'
import type { NodeAgent } from './apiserver/node-agent.ts'
import type { AuditOptions } from './apiserver/chain.ts'
import type { BuildInfo } from './apiserver/handlers/nonresource.ts'
import type { VirtualResource } from './apiserver/operation.ts'
import { leases, serverAnnotation, type ServerGroup } from './apiserver/peers/leading-server.ts'
import type { Handler } from './apiserver/request.ts'
import type { Client } from './client/client.ts'
import { startLeaderElection } from './client/leader-election.ts'
import { createClient } from './client/resource-client.ts'
import { attachNode } from './cluster/attach-node.ts'
import { addressesOf, loadBalancersOf } from './cluster/addresses.ts'
import { decisions } from './cluster/decisions.ts'
import { resourceMetrics } from './cluster/resource-metrics.ts'
import type { TokenKeys } from './apiserver/tokens/signed-tokens.ts'
import {
  admin,
  controllerIdentity,
  labIdentity,
  nodeIdentity,
  dnsIdentity,
  nodeNetworkIdentity,
  proxyIdentity,
  schedulerIdentity,
} from './cluster/identities.ts'
import type { SignCertificate } from './controllers/certificates/sign.ts'
import { startControllers } from './controllers/index.ts'
import { readClock, writeClock } from './glass/clock.ts'
import type { Gates } from './glass/gates.ts'
import type { Recorder } from './glass/recorder.ts'
import { podTimeline, podTimelines } from './glass/timelines.ts'
import type { LabNetworks } from './lab/lab-folder.ts'
import type { Clock } from './lib/clock.ts'
import { DisposableStack, type Disposable } from './lib/disposable.ts'
import type { Log } from './lib/log.ts'
import type { Random } from './lib/random.ts'
import { startMachines } from './machines/machines.ts'
import type { MachineProvider } from './machines/provider.ts'
import { startNodeIpam } from './network/ipam.ts'
import { DecisionLog } from './scheduler/decision-log.ts'
import { startScheduler } from './scheduler/scheduler.ts'
import type { Store } from './store/store.ts'

export interface ClusterOptions {
  /** Stays the caller's. */
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly recorder: Recorder
  readonly networks: LabNetworks
  /** PEM: what pods trust. */
  readonly caCertificate: string
  /** Signs the tokens of service accounts; absent: pods get none. */
  readonly serviceAccountKeys?: TokenKeys
  /** How aggregated API servers know this one; absent: they get no proof. */
  readonly extension?: ExtensionAuthentication
  /** Several servers share the store: control loops and workers are run by an elected one. Absent: this is the only one. */
  readonly candidate?: Candidate
  /** What is written down of requests; absent: nothing. */
  readonly audit?: AuditOptions
  /** Signs what is approved for the cluster's own signers; absent: nobody does. */
  readonly signCertificate?: SignCertificate
  /** Absent: this program runs from its source. */
  readonly build?: BuildInfo
  /** The best first. */
  readonly providers: readonly MachineProvider[]
  /** The folder with the user's plugins of the scheduler. */
  readonly schedulerPlugins?: string
  /** A connection to the API server's TLS port, for what comes from workers. */
  readonly connectToApi: () => Duplex
  /** Told why the store refuses writes, and with undefined when it takes them again. */
  readonly onWriteHealth?: (refusal: string | undefined) => void
  /** The images that every real worker has. */
  readonly images: () => Promise<readonly { readonly name: string; readonly archive: Uint8Array }[]>
}

/** One of several servers. */
export interface Candidate {
  readonly name: string
  /** Where it serves; undefined while it does not. */
  readonly url: () => string | undefined
}

export interface Cluster extends Disposable {
  readonly handler: Handler
  readonly metrics: RequestMetrics
  /** Acts as the lab's administrator. */
  readonly client: Client
}

/** Resolves when the API answers; controllers, scheduler and workers come up behind it. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const parts = new DisposableStack()
  const { clock, random, log, recorder, networks } = options
  const agents = new Map<string, NodeAgent>()
  const decisionLog = new DecisionLog()
  const registry = new MetricRegistry()
  addProcessMetrics(registry)
  const server = parts.use(
    await createApiServer({
      ...{ store: options.store, kinds, clock, random },
      log: log.named('apiserver'),
      probe: recorder.probe('apiserver'),
      nodeAgents: (name) => agents.get(name),
      serviceCidr: networks.services,
      virtualResources: [
        timelines(recorder),
        decisions(decisionLog),
        clocks(recorder.gates),
        ...resourceMetrics(agents, () => client, clock),
      ],
      ...(options.onWriteHealth === undefined ? {} : { onWriteHealth: options.onWriteHealth }),
      metrics: registry,
      ...(options.audit === undefined ? {} : { audit: options.audit }),
      ...(options.extension === undefined ? {} : { extension: options.extension }),
      ...groupOf(options),
      ...(options.build === undefined ? {} : { build: options.build }),
      ...(options.serviceAccountKeys === undefined ? {} : { serviceAccountKeys: options.serviceAccountKeys }),
    }),
  )
  const client = createClient(server.transport(admin))
  parts.use(elected(options, server, 'kube-controller-manager', () => startControlLoops(options, server)))
  parts.use(elected(options, server, leases.scheduler, () => startOwnScheduler(options, server, decisionLog)))
  parts.use(elected(options, server, leases.machines, () => startWorkers(options, server, agents)))
  // First of all at the end: whoever is stopped waits for what it is doing, and that may be held.
  parts.defer(() => recorder.gates.set('Run', []))
  return {
    handler: server.handler,
    metrics: createRequestMetrics(registry),
    client,
    dispose: () => parts.dispose(),
  }
}

function groupOf({ candidate, extension, caCertificate }: ClusterOptions): { readonly group?: ServerGroup } {
  if (candidate === undefined || extension === undefined) return {}
  return { group: { name: candidate.name, ca: caCertificate, proof: extension.proxyClient } }
}

/** Runs a part at once, or, where there are several servers, while this one leads it. */
function elected(options: ClusterOptions, server: ApiServer, name: string, start: () => Disposable): Disposable {
  const { clock, random, log, candidate } = options
  if (candidate === undefined) return start()
  const client = createClient(server.transport(controllerIdentity('kube-controller-manager')))
  return startLeaderElection({
    ...{ client, clock, random, log, lease: name, identity: candidate.name, lead: start },
    annotations: (): Record<string, string> => {
      const url = candidate.url()
      return url === undefined ? {} : { [serverAnnotation]: url }
    },
  })
}

function startControlLoops(options: ClusterOptions, server: ApiServer): Disposable {
  const parts = new DisposableStack()
  const { clock, random, log, recorder, networks, caCertificate } = options
  parts.use(
    startControllers({
      ...{ clock, random, rootCertificates: caCertificate, loadBalancers: loadBalancersOf(networks) },
      ...(options.signCertificate === undefined ? {} : { signCertificate: options.signCertificate }),
      ...(server.issueLegacyToken === undefined ? {} : { issueLegacyToken: server.issueLegacyToken }),
      servedKinds: () => server.kinds.all(),
      clientFor: (name) => createClient(server.transport(controllerIdentity(name))),
      log: log.named('controllers'),
      probe: recorder.probe('controllers'),
    }),
  )
  parts.use(
    startNodeIpam({
      ...{ clock, random, clusterCidr: networks.pods },
      client: createClient(server.transport(controllerIdentity('node-ipam-controller'))),
      log: log.named('node-ipam'),
      probe: recorder.probe('controllers'),
    }),
  )
  return parts
}

function startOwnScheduler(options: ClusterOptions, server: ApiServer, decisionLog: DecisionLog): Disposable {
  const { clock, random, log, recorder, schedulerPlugins } = options
  return startScheduler({
    ...{ clock, random, decisions: decisionLog, hostname: hostname() },
    ...(schedulerPlugins === undefined ? {} : { pluginFolder: schedulerPlugins }),
    client: createClient(server.transport(schedulerIdentity)),
    log: log.named('scheduler'),
    probe: recorder.probe('scheduler'),
  })
}

function startWorkers(options: ClusterOptions, server: ApiServer, agents: Map<string, NodeAgent>): Disposable {
  const { clock, random, log, recorder, networks, providers } = options
  const { dns, kubernetes } = addressesOf(networks)
  return startMachines({
    ...{ clock, random, providers, networks },
    client: createClient(server.transport(labIdentity)),
    log: log.named('machines'),
    probe: recorder.probe('machines'),
    attach: (machine, object, report) =>
      attachNode({
        ...{ machine, object, report, clock, random, agents, dns, kubernetes },
        log,
        recorder,
        podNetworks: networks.pods,
        images: options.images,
        connectToApi: options.connectToApi,
        kubeletClient: createClient(server.transport(nodeIdentity(machine.name))),
        networkClient: createClient(server.transport(nodeNetworkIdentity)),
        dnsClient: createClient(server.transport(dnsIdentity)),
        proxyClient: createClient(server.transport(proxyIdentity)),
      }),
  })
}

function timelines(recorder: Recorder): VirtualResource {
  const asObject = (value: Timeline): DynamicObject => ({ ...value })
  return {
    kind: timeline,
    get: (namespace, name) => {
      const found = podTimeline(recorder, namespace, name)
      return Promise.resolve(found === undefined ? undefined : asObject(found))
    },
    list: (namespace) => Promise.resolve(podTimelines(recorder, namespace).map(asObject)),
  }
}

function clocks(gates: Gates): VirtualResource {
  const now = (): DynamicObject => ({ ...readClock(gates) })
  return {
    kind: clockKind,
    get: (_namespace, name) => Promise.resolve(name === clockName ? now() : undefined),
    list: () => Promise.resolve([now()]),
    // The schema has been checked by now.
    replace: (object) => writeClock(gates, object as GlassClock),
  }
}

/** Puts the API server together. It listens nowhere: frontends and the local transport hand it their requests. */
import type { Kind } from '../api/define-kind.ts'
import { openApiOf } from './custom/published-schema.ts'
import type { Transport } from '../client/client.ts'
import { createClient } from '../client/resource-client.ts'
import { createLocalTransport } from '../client/transports/local.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { Lanes } from '../lib/lanes.ts'
import type { NextTurn } from '../lib/sliced.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { Store } from '../store/store.ts'
import { startAddressRepair } from './address-repair.ts'
import { Aggregator } from './aggregation/aggregator.ts'
import type { ExtensionAuthentication } from './aggregation/extension-config.ts'
import { createRemoteServers } from './aggregation/remote-server.ts'
import { byPhase } from './admission/admission.ts'
import { admissionPlugins } from './admission/plugins.ts'
import { startPolicyStatus } from './admission/policies/policy-status.ts'
import { createAuthorizer, type Authorizer } from './authorization/authorizer.ts'
import { bootstrap } from './bootstrap.ts'
import { addCacheMetrics } from './cache/cache-metrics.ts'
import { indexedFields } from './cache/indexed-fields.ts'
import { WatchCache } from './cache/watch-cache.ts'
import { createChain, type AuditOptions } from './chain.ts'
import { CustomConversion } from './custom/conversion.ts'
import { startDefinitionController } from './custom/definition-controller.ts'
import { followDefinitions } from './custom/definitions.ts'
import { compileRules } from './custom-rules/compile-rules.ts'
import { componentStatuses } from './component-statuses.ts'
import type { TokenAuthenticator } from './filters/authentication.ts'
import { startDanglingStatus } from './flowcontrol/dangling.ts'
import { dumpAnswer } from './flowcontrol/dumps.ts'
import { startDefaultsKeeper } from './flowcontrol/keep-defaults.ts'
import { PriorityAndFairness } from './flowcontrol/priority-and-fairness.ts'
import type { HealthCheck } from './handlers/health.ts'
import { createNonResourceHandler, type BuildInfo } from './handlers/nonresource.ts'
import { startEventExpiry } from './event-expiry.ts'
import type { KindRegistry } from './kind-registry.ts'
import { MetricRegistry } from './metrics.ts'
import type { NodeAgents } from './node-agent.ts'
import type { ServerParts, VirtualResource } from './operation.ts'
import { createDialer } from './outbound/dialer.ts'
import { LeadingServers, type ServerGroup } from './peers/leading-server.ts'
import { createKindRegistry } from './registered-kinds.ts'
import { resourceKey } from './registry/keys.ts'
import { SharedResources } from './registry/versions.ts'
import { ServiceNetwork } from './registry/service-network.ts'
import { createServiceAccountTokens, type ServiceAccountTokens } from './tokens/service-account-tokens.ts'
import type { TokenKeys } from './tokens/signed-tokens.ts'
import { createTokenReviewer } from './tokens/token-reviewer.ts'
import type { Handler, UserInfo } from './request.ts'
import { createAdmissionWebhooks } from './webhooks/admission-webhooks.ts'
import { createWebhookClient, type WebhookClient } from './webhooks/webhook-client.ts'
import { createWebhookMetrics } from './webhooks/webhook-metrics.ts'
import { WriteHealth } from './write-health.ts'

export interface ApiServerOptions {
  readonly store: Store
  readonly kinds: readonly Kind[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
  readonly nodeAgents: NodeAgents
  /** Where cluster IPs come from, such as `10.96.0.0/12`. */
  readonly serviceCidr: string
  readonly virtualResources?: readonly VirtualResource[]
  /** Told why the store refuses writes, once, and with undefined when it takes them again. */
  readonly onWriteHealth?: (refusal: string | undefined) => void
  /** Bearer tokens; absent: every token is worth nothing. */
  readonly tokens?: TokenAuthenticator
  /** Signs and checks the tokens of service accounts; absent: there are none. */
  readonly serviceAccountKeys?: TokenKeys
  /** What is written down of requests; absent: nothing. */
  readonly audit?: AuditOptions
  /** How many requests of ordinary cost run at once; absent: as many as in Kubernetes. */
  readonly totalSeats?: number
  /** How aggregated servers know requests of this one; absent: they get no proof. */
  readonly extension?: ExtensionAuthentication
  /** Other servers share the store; absent: this is the only one. */
  readonly group?: ServerGroup
  readonly metrics?: MetricRegistry
  readonly healthChecks?: readonly HealthCheck[]
  /** Absent: this program runs from its source. */
  readonly build?: BuildInfo
  /** Lets everybody else on the thread have a turn; absent: as the clock does. */
  readonly nextTurn?: NextTurn
  /** How webhooks are called; absent: over the network of the cluster. */
  readonly webhookClient?: WebhookClient
}

export interface ApiServer extends Disposable {
  readonly handler: Handler
  readonly kinds: KindRegistry
  readonly authorizer: Authorizer
  /** Makes the token of a secret; absent: this server has no tokens for service accounts. */
  readonly issueLegacyToken: ServiceAccountTokens['issueLegacy'] | undefined
  /** Requests from this process under an identity: no sockets, no encoding, the same chain. */
  transport(user: UserInfo): Transport
  /** False when the server no longer follows its store. */
  ready(): boolean
}

/** Ready to serve when it resolves. The store stays its owner's: disposing the server does not close it. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clock, log, random, probe, nodeAgents } = options
  const writeHealth = new WriteHealth(options.onWriteHealth ?? (() => undefined))
  const virtual = [componentStatuses(writeHealth), ...(options.virtualResources ?? [])]
  const builtIn = withVirtual(options.kinds, virtual)
  const kinds = createKindRegistry(builtIn)
  const serviceNetwork = new ServiceNetwork(options.serviceCidr, clock, random)
  const cache = await WatchCache.start({ store, clock, log, indexedFields })
  await serviceNetwork.load(store, cache)
  if (options.metrics !== undefined) addCacheMetrics(options.metrics, cache)
  const { tokens, serviceAccountKeys } = options
  const accountTokens =
    serviceAccountKeys === undefined
      ? undefined
      : createServiceAccountTokens(serviceAccountKeys, { cache, clock, random })
  const dialer = createDialer({ cache, nodeAgents, random })
  const webhookClient = options.webhookClient ?? createWebhookClient({ dialer, clock })
  const authorizer = createAuthorizer(cache)
  const conversion = new CustomConversion(webhookClient, () => random.uuid())
  const webhooks = createAdmissionWebhooks({
    ...{ cache, kinds, clock, random, log, authorizer, conversion, client: webhookClient },
    metrics: createWebhookMetrics(options.metrics ?? new MetricRegistry()),
  })
  const parts: ServerParts = {
    ...{ store, cache, kinds, clock, random, log, probe, nodeAgents, dialer, webhookClient, webhooks, serviceNetwork },
    shared: new SharedResources(kinds.all()),
    conversion,
    admission: byPhase(admissionPlugins),
    quotaLanes: new Lanes(),
    authorizer,
    tokens: createTokenReviewer({ cache, clock, accountTokens, others: tokens }),
    accountTokens,
    virtualResources: new Map(virtual.map((one) => [resourceKey(one.kind), one])),
    writeHealth,
    nextTurn: options.nextTurn ?? (() => clock.nextTurn()),
  }
  const definitions = followDefinitions({ cache, kinds, log, compileRules })
  const ready = (): boolean => cache.failed === undefined
  const aggregator = new Aggregator({
    ...{ cache, clock, log },
    servers: createRemoteServers(dialer, options.extension?.proxyClient),
  })
  const leaders =
    options.group === undefined
      ? undefined
      : new LeadingServers(options.group, cache.resource('coordination.k8s.io/leases'))
  const fairness = new PriorityAndFairness({
    ...{ source: cache, clock },
    objectsOf: (info) =>
      info.type === 'path' || info.target.name !== '' ? 1 : cache.resource(resourceKey(info.target)).size,
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    ...(options.totalSeats === undefined ? {} : { totalSeats: options.totalSeats }),
  })
  const nonResource = createNonResourceHandler({
    aggregator,
    ...{ kinds, ready, openApi: openApiOf, nextTurn: parts.nextTurn },
    storeFault: () => (ready() ? undefined : 'the store can no longer be followed'),
    ...(options.build === undefined ? {} : { build: options.build }),
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    ...(accountTokens === undefined ? {} : { tokenKeys: [accountTokens.publicKey] }),
    ...(options.healthChecks === undefined ? {} : { checks: options.healthChecks }),
    debug: (request) => dumpAnswer(request, fairness),
  })
  const handler = createChain({
    ...{ parts, nonResource, audit: options.audit, fairness, aggregator },
    ...(leaders === undefined ? {} : { leaders }),
  })
  try {
    await bootstrap(parts, builtIn, options.extension)
  } catch (error) {
    await cache.dispose()
    throw error
  }
  const definitionController = startDefinitionController(parts)
  const eventExpiry = startEventExpiry({ store, cache, clock, log })
  const own = createClient(createLocalTransport(handler, { name: 'system:apiserver', groups: ['system:masters'] }))
  aggregator.start(own)
  const policyStatus = startPolicyStatus({ cache, kinds, client: own, log })
  const flowDefaults = startDefaultsKeeper({ cache, kinds, client: own, log })
  const danglingStatus = startDanglingStatus({ cache, kinds, client: own, clock, log })
  const addressRepair = startAddressRepair({ store, cache, clock, log, serviceNetwork })
  return {
    handler,
    kinds,
    authorizer: parts.authorizer,
    issueLegacyToken: accountTokens?.issueLegacy,
    ready,
    transport: (user) => createLocalTransport(handler, user),
    async dispose() {
      await addressRepair.dispose()
      await eventExpiry.dispose()
      await definitionController.dispose()
      await definitions.dispose()
      await policyStatus.dispose()
      await flowDefaults.dispose()
      await danglingStatus.dispose()
      await aggregator.dispose()
      leaders?.dispose()
      await webhookClient.dispose()
      await cache.dispose()
    },
  }
}

function withVirtual(kinds: readonly Kind[], virtual: readonly VirtualResource[]): Kind[] {
  const known = new Set(kinds.map((kind) => `${kind.apiVersion} ${kind.plural}`))
  const more = virtual.map(({ kind }) => kind).filter((kind) => !known.has(`${kind.apiVersion} ${kind.plural}`))
  return [...kinds, ...more]
}

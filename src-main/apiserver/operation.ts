/** What the handlers work with: the server's parts, and one authorized request. */
import type { Kind } from '../api/define-kind.ts'
import type { FieldError } from '../api/field-error.ts'
import type { DynamicObject } from '../api/meta/object.ts'
import type { Clock } from '../lib/clock.ts'
import type { Lanes } from '../lib/lanes.ts'
import type { Log } from '../lib/log.ts'
import type { NextTurn } from '../lib/sliced.ts'
import type { Random } from '../lib/random.ts'
import type { Probe } from '../glass/probe.ts'
import type { Store } from '../store/store.ts'
import type { AdmissionPhases } from './admission/admission.ts'
import type { AuditNotes } from './audit/trail.ts'
import type { Authorizer } from './authorization/authorizer.ts'
import type { WatchCache } from './cache/watch-cache.ts'
import type { CustomConversion } from './custom/conversion.ts'
import type { TokenReviewer } from './filters/authentication.ts'
import type { ResourceTarget, ResourceVerb } from './filters/request-info.ts'
import type { KindRegistry } from './kind-registry.ts'
import type { NodeAgents } from './node-agent.ts'
import type { Dialer } from './outbound/dialer.ts'
import type { SharedResources } from './registry/versions.ts'
import type { ServiceNetwork } from './registry/service-network.ts'
import type { ServiceAccountTokens } from './tokens/service-account-tokens.ts'
import type { ServerRequest, UserInfo } from './request.ts'
import type { AdmissionWebhooks } from './webhooks/admission-webhooks.ts'
import type { WebhookClient } from './webhooks/webhook-client.ts'
import type { WriteHealth } from './write-health.ts'

/** A resource that is computed on every read and never stored. */
export interface VirtualResource {
  readonly kind: Kind
  get(namespace: string, name: string): Promise<DynamicObject | undefined>
  /** `namespace` is undefined for all of them. */
  list(namespace: string | undefined): Promise<readonly DynamicObject[]>
  /** Takes what an update or a patch made of the object, or says what is wrong with it. Absent: it can only be read. */
  replace?(object: DynamicObject): readonly FieldError[]
}

export interface ServerParts {
  readonly store: Store
  readonly cache: WatchCache
  readonly kinds: KindRegistry
  readonly shared: SharedResources
  readonly conversion: CustomConversion
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
  readonly admission: AdmissionPhases
  readonly quotaLanes: Lanes
  readonly serviceNetwork: ServiceNetwork
  readonly nodeAgents: NodeAgents
  readonly dialer: Dialer
  readonly webhookClient: WebhookClient
  readonly webhooks: AdmissionWebhooks
  readonly authorizer: Authorizer
  readonly tokens: TokenReviewer
  readonly accountTokens: ServiceAccountTokens | undefined
  readonly virtualResources: ReadonlyMap<string, VirtualResource>
  readonly writeHealth: WriteHealth
  readonly nextTurn: NextTurn
}

export interface Operation {
  readonly request: ServerRequest
  readonly user: UserInfo
  readonly kind: Kind
  readonly verb: ResourceVerb
  readonly target: ResourceTarget
  warn(text: string): void
  /** Adds to the audit record; absent: nobody keeps one. */
  annotate?(key: string, value: string): void
  /** Takes the body down for the audit record; absent: nobody keeps one. */
  readonly audit?: AuditNotes
}

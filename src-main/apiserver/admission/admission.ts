/** Admission: who may change or refuse a write after it was authorized, in the order of one explicit list. */
import type { Kind } from '../../api/define-kind.ts'
import type { GroupVersionKind } from '../../api/schema/schema.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Lanes } from '../../lib/lanes.ts'
import type { Random } from '../../lib/random.ts'
import type { NextTurn } from '../../lib/sliced.ts'
import type { Operation } from '../../store/store.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { CustomConversion } from '../custom/conversion.ts'
import type { KindRegistry } from '../kind-registry.ts'
import type { UserInfo } from '../request.ts'
import type { ServiceAccountTokens } from '../tokens/service-account-tokens.ts'
import type { AdmissionWebhooks } from '../webhooks/admission-webhooks.ts'
import type { Forms } from './seen-as.ts'

export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  readonly kind: Kind
  readonly subresource: string
  /** Of what the objects are when they are not of `kind`: the Binding, Scale or PodExecOptions of a subresource. */
  readonly objectKind?: GroupVersionKind
  readonly namespace: string
  readonly name: string
  readonly user: UserInfo
  /** The object as it is to be stored; of a deletion, the object as it is. Only `mutate` may change it. */
  readonly object: DynamicObject
  readonly previous: DynamicObject | undefined
  /** The objects in other versions, where only a webhook can say what they are; absent: nobody asked for any. */
  readonly forms?: Forms
  /** Nothing will be stored: side effects must not happen. */
  readonly dryRun: boolean
  /** The request's options as an object (CreateOptions and its like); absent where there are none. */
  readonly options?: () => object
  /** Aborts when the client goes away; absent: nobody waits. */
  readonly signal?: AbortSignal
  /** Tells the client something beside the answer. */
  warn(text: string): void
  /** Adds a line to the audit record of the request; absent: nobody keeps one. */
  annotate?(key: string, value: string): void
  /** Says that a webhook or policy has changed the object: what is not its to change is put back. */
  altered?(): void
  /** Of the first round of `mutate`: has every plugin run once more, for something was changed behind its back. */
  runAgain?(): void
}

export interface AdmissionContext {
  readonly cache: WatchCache
  readonly kinds: KindRegistry
  readonly conversion: CustomConversion
  readonly clock: Clock
  readonly random: Random
  readonly authorizer: Authorizer
  /** Absent: this server has no tokens for service accounts. */
  readonly accountTokens: ServiceAccountTokens | undefined
  readonly webhooks: AdmissionWebhooks
  readonly nextTurn: NextTurn
  /** Whose turn it is to charge the quotas of each namespace. */
  readonly quotaLanes: Lanes
}

/** What a write takes of something that others take of too. */
export interface Charge {
  /** Belong into the write's own commit. When one of their expectations fails, the write is charged anew. */
  readonly operations: readonly Operation[]
  /** Called once, when the commit is done or has failed. */
  settle(): void
}

export interface AdmissionPlugin {
  readonly name: string
  /** Returns a promise only when it has to wait: most plugins decide from memory. */
  mutate?(request: AdmissionRequest, context: AdmissionContext): void | Promise<void>
  /** Throws a StatusError, or rejects with one, to refuse. */
  validate?(request: AdmissionRequest, context: AdmissionContext): void | Promise<void>
  /** Comes last, right before the commit: takes what the write needs, or throws a StatusError to refuse. */
  charge?(request: AdmissionRequest, context: AdmissionContext): Promise<Charge | undefined> | undefined
}

/** The plugins by what they do, each list in the order in which they run. */
export interface AdmissionPhases {
  readonly mutate: readonly AdmissionPlugin[]
  readonly validate: readonly AdmissionPlugin[]
  readonly charge: readonly AdmissionPlugin[]
}

/** Sorts the plugins once, so that no write has to. */
export const byPhase = (plugins: readonly AdmissionPlugin[]): AdmissionPhases => ({
  mutate: plugins.filter(({ mutate }) => mutate !== undefined),
  validate: plugins.filter(({ validate }) => validate !== undefined),
  charge: plugins.filter(({ charge }) => charge !== undefined),
})

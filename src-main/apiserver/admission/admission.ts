/** Admission: who may change or refuse a write after it was authorized, in the order of one explicit list. */
import type { Kind } from '../../api/define-kind.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { UserInfo } from '../request.ts'
import type { ServiceAccountTokens } from '../tokens/service-account-tokens.ts'

export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly kind: Kind
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly user: UserInfo
  /** The object as it is to be stored; of a deletion, the object as it is. Only `mutate` may change it. */
  readonly object: DynamicObject
  readonly previous: DynamicObject | undefined
}

export interface AdmissionContext {
  readonly cache: WatchCache
  readonly clock: Clock
  readonly random: Random
  /** Absent: this server has no tokens for service accounts. */
  readonly accountTokens: ServiceAccountTokens | undefined
}

export interface AdmissionPlugin {
  readonly name: string
  mutate?(request: AdmissionRequest, context: AdmissionContext): void
  /** Throws a StatusError to refuse. */
  validate?(request: AdmissionRequest, context: AdmissionContext): void
}

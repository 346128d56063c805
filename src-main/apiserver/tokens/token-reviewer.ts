/** All that a bearer token can be, one after the other. */
import type { Clock } from '../../lib/clock.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { TokenAuthenticator, TokenReviewer } from '../filters/authentication.ts'
import { reviewBootstrapToken } from './bootstrap-tokens.ts'
import type { ServiceAccountTokens } from './service-account-tokens.ts'

export interface TokenSources {
  readonly cache: WatchCache
  readonly clock: Clock
  readonly accountTokens: ServiceAccountTokens | undefined
  /** Tokens of a kind that this server does not know itself. */
  readonly others: TokenAuthenticator | undefined
}

export function createTokenReviewer({ cache, clock, accountTokens, others }: TokenSources): TokenReviewer {
  return async (token, audiences) => {
    const known = reviewBootstrapToken(token, cache, clock.now(), audiences) ?? accountTokens?.review(token, audiences)
    if (known !== undefined) return known
    const user = await others?.(token)
    return user === undefined ? { refusal: 'it is of no kind that is known here' } : { user, audiences }
  }
}

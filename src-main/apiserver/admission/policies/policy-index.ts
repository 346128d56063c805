/**
 * The policies with their bindings, compiled. It is made anew only after one of them has changed; without any policy
 * a request costs a look at two numbers.
 */
import type { DynamicObject } from '../../../api/meta/object.ts'
import type { CachedObject } from '../../cache/cached-object.ts'
import type { WatchCache } from '../../cache/watch-cache.ts'

export interface BoundPolicy<Policy, Binding> {
  readonly policy: Policy
  readonly bindings: readonly Binding[]
}

export interface PolicyKinds<Policy, Binding> {
  /** `group/plural`. */
  readonly policies: string
  readonly bindings: string
  compilePolicy(object: DynamicObject): Policy
  compileBinding(object: DynamicObject): Binding
  /** The policy that a binding names. */
  policyName(binding: Binding): string
}

/** The one index of each cache, made when it is asked for the first time. */
export function indexPerCache<Policy, Binding>(
  kinds: PolicyKinds<Policy, Binding>,
): (cache: WatchCache) => PolicyIndex<Policy, Binding> {
  const indexes = new WeakMap<WatchCache, PolicyIndex<Policy, Binding>>()
  return (cache) => {
    const known = indexes.get(cache)
    if (known !== undefined) return known
    const index = new PolicyIndex<Policy, Binding>(kinds, cache)
    indexes.set(cache, index)
    return index
  }
}

export class PolicyIndex<Policy, Binding> {
  private readonly kinds: PolicyKinds<Policy, Binding>
  private readonly cache: WatchCache
  private readonly compiled = new WeakMap<CachedObject, Policy>()
  private seen = { policies: -1, bindings: -1 }
  private bound: readonly BoundPolicy<Policy, Binding>[] = []

  constructor(kinds: PolicyKinds<Policy, Binding>, cache: WatchCache) {
    this.kinds = kinds
    this.cache = cache
  }

  /** Those that have a binding, in the order of their names. */
  policies(): readonly BoundPolicy<Policy, Binding>[] {
    const policies = this.cache.resource(this.kinds.policies)
    const bindings = this.cache.resource(this.kinds.bindings)
    if (policies.lastChange !== this.seen.policies || bindings.lastChange !== this.seen.bindings) {
      this.bound = this.bind(policies.list({}), bindings.list({}))
      this.seen = { policies: policies.lastChange, bindings: bindings.lastChange }
    }
    return this.bound
  }

  private bind(
    policies: readonly CachedObject[],
    bindings: readonly CachedObject[],
  ): readonly BoundPolicy<Policy, Binding>[] {
    const byPolicy = new Map<string, Binding[]>()
    for (const { object } of bindings) {
      const binding = this.kinds.compileBinding(object)
      const name = this.kinds.policyName(binding)
      const others = byPolicy.get(name)
      if (others === undefined) byPolicy.set(name, [binding])
      else others.push(binding)
    }
    return policies.flatMap((stored) => {
      const bound = byPolicy.get(stored.object.metadata?.name ?? '')
      return bound === undefined ? [] : [{ policy: this.policyOf(stored), bindings: bound }]
    })
  }

  private policyOf(stored: CachedObject): Policy {
    const known = this.compiled.get(stored)
    if (known !== undefined) return known
    const policy = this.kinds.compilePolicy(stored.object)
    this.compiled.set(stored, policy)
    return policy
  }
}

import { isServiceChain } from './chains.ts'
import type { Chains, Ruleset } from './rules.ts'

/** What a worker holds of our chains: those of nothing known are to be written whatever they hold. */
export interface AppliedRules {
  readonly nat: Chains
  readonly filter: Chains
  /** Chains that are on the worker since before we looked, and hold what nobody knows. */
  readonly strangers: readonly string[]
}

export const nothingApplied: AppliedRules = { nat: new Map(), filter: new Map(), strangers: [] }

/**
 * Input for `iptables-restore --noflush` that turns what is applied into what is wanted, writing only the chains that
 * differ; undefined when none does. Naming a chain flushes it first. Each table is replaced in one step.
 */
export function restoreText(wanted: Ruleset, applied: AppliedRules): string | undefined {
  const nat = tableText('nat', wanted.nat, applied.nat, applied.strangers)
  const filter = tableText('filter', wanted.filter, applied.filter, [])
  return nat === undefined && filter === undefined ? undefined : `${filter ?? ''}${nat ?? ''}`
}

function tableText(table: string, wanted: Chains, applied: Chains, strangers: readonly string[]): string | undefined {
  const changed = [...wanted].filter(([chain, rules]) => !sameRules(applied.get(chain), rules))
  const stale = [...new Set([...applied.keys(), ...strangers])].filter(
    (chain) => isServiceChain(chain) && !wanted.has(chain),
  )
  if (changed.length === 0 && stale.length === 0) return undefined
  const lines = [
    `*${table}`,
    ...changed.map(([chain]) => `:${chain} - [0:0]`),
    ...stale.map((chain) => `:${chain} - [0:0]`),
    ...changed.flatMap(([chain, rules]) => rules.map((rule) => `-A ${chain} ${rule}`)),
    ...stale.map((chain) => `-X ${chain}`),
    'COMMIT',
  ]
  return `${lines.join('\n')}\n`
}

function sameRules(left: readonly string[] | undefined, right: readonly string[]): boolean {
  // The rules of a port that has not changed are the very same list.
  return left === right || (left?.length === right.length && right.every((rule, index) => rule === left[index]))
}

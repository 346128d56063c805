/** Rules that run outside of the scheduler's thread: extenders over HTTP, and plugins of the user. */
import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import { describeError } from '../lib/log.ts'
import type { OutsideRules, Scores } from './decision.ts'
import type { Filtered, Refusal } from './filter-nodes.ts'
import type { Refuser } from './framework.ts'
import type { NodeInfo } from './node-info.ts'

/** Whether a pod may be bound now: at once, later (it is asked again), or not at all. */
export type Permission =
  | { readonly type: 'allow' }
  | { readonly type: 'wait'; readonly seconds: number }
  | { readonly type: 'deny'; readonly reason: string }

export interface OutsideRule {
  readonly name: string
  /** Pods are scheduled without it when it fails; otherwise they wait. */
  readonly dispensable: boolean
  concerns(pod: Live<Pod>): boolean
  /** Nodes that are not refused fit. */
  filter(pod: Live<Pod>, nodes: readonly NodeInfo[]): Promise<readonly Refusal[]>
  /** In the order of the nodes; undefined: it does not tell them apart. */
  score(pod: Live<Pod>, nodes: readonly NodeInfo[]): Promise<Scores | undefined>
  permit?(pod: Live<Pod>, nodeName: string): Promise<Permission>
}

/** A rule that failed and was left out of a decision. */
export interface Bypass {
  readonly rule: string
  readonly reason: string
}

/** The rules that concern one pod, in their order, with a note of those that had to be bypassed. */
export class RulesForPod implements OutsideRules {
  readonly bypassed: Bypass[] = []
  private readonly rules: readonly OutsideRule[]

  constructor(rules: readonly OutsideRule[]) {
    this.rules = rules
  }

  async filter(pod: Live<Pod>, filtered: Filtered): Promise<Filtered> {
    let { feasible } = filtered
    const refusals = [...filtered.refusals]
    const refusedBy: Refuser[] = [...filtered.refusedBy]
    for (const rule of this.rules) {
      if (feasible.length === 0) break
      const nodes = feasible
      const found = await this.ask(rule, () => rule.filter(pod, nodes), [])
      if (found.length === 0) continue
      const refused = new Set(found.map(({ node }) => node))
      feasible = feasible.filter(({ name }) => !refused.has(name))
      refusals.push(...found)
      // Nobody knows what such a rule looks at.
      refusedBy.push({ name: rule.name, mayHelp: () => true })
    }
    return { ...filtered, feasible, refusals, refusedBy }
  }

  async score(pod: Live<Pod>, feasible: readonly NodeInfo[]): Promise<Scores[]> {
    // A node is found without a rule's opinion too.
    const asked = this.rules.map((rule) =>
      this.ask({ name: rule.name, dispensable: true }, () => rule.score(pod, feasible), undefined),
    )
    return (await Promise.all(asked)).filter((scores) => scores !== undefined)
  }

  private async ask<T>(
    rule: Pick<OutsideRule, 'name' | 'dispensable'>,
    call: () => Promise<T>,
    without: T,
  ): Promise<T> {
    try {
      return await call()
    } catch (error) {
      if (!rule.dispensable) throw error
      this.bypassed.push({ rule: rule.name, reason: describeError(error) })
      return without
    }
  }
}

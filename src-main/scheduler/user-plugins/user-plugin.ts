/** A user's plugin as the scheduler sees it: asked when it is well, passed over while it recovers. */
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { Backoff } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError } from '../../lib/log.ts'
import type { Random } from '../../lib/random.ts'
import type { Scores } from '../decision.ts'
import type { Refusal } from '../filter-nodes.ts'
import { bestScore } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'
import type { OutsideRule, Permission } from '../outside-rules.ts'
import { PluginError, PluginThread, type PluginFunctions, type PluginLimits } from './plugin-thread.ts'
import type { PluginSource } from './plugin-source.ts'

export interface UserPluginOptions {
  readonly clock: Clock
  readonly random: Random
  readonly limits: PluginLimits
  /** Told of every fault. */
  readonly onFault: (source: PluginSource, fault: PluginError) => void
}

/** Reasons stand in events, which bear no more than a short text. */
const longestReason = 200

/** What a plugin sees of a node. */
export const viewOfNode = ({ node, allocatable, requested, pods }: NodeInfo): object => ({
  name: node.metadata.name,
  labels: node.metadata.labels ?? {},
  annotations: node.metadata.annotations ?? {},
  taints: node.spec?.taints ?? [],
  unschedulable: node.spec?.unschedulable ?? false,
  allocatable,
  requested,
  pods: [...pods.values()].map(({ metadata }) => ({
    name: metadata.name,
    namespace: metadata.namespace,
    labels: metadata.labels ?? {},
  })),
})

export class UserPlugin implements OutsideRule, Disposable {
  readonly name: string
  readonly dispensable = true
  readonly source: PluginSource
  private readonly options: UserPluginOptions
  private readonly backoff: Backoff
  private thread: PluginThread
  /** Until then, in milliseconds of the monotonic clock, the plugin is left alone. */
  private restUntil = 0

  constructor(source: PluginSource, options: UserPluginOptions) {
    this.source = source
    this.name = source.name
    this.options = options
    this.backoff = new Backoff({ initialMs: 1000, maximumMs: 5 * 60_000, jitter: 0 }, options.random)
    this.thread = this.start()
  }

  concerns(): boolean {
    return true
  }

  async filter(pod: Live<Pod>, nodes: readonly NodeInfo[]): Promise<readonly Refusal[]> {
    const verdicts = await this.ask('filter', pod, nodes.map(viewOfNode))
    return (verdicts ?? []).flatMap((verdict, index): Refusal[] => {
      const reason = this.refusalIn(verdict)
      const node = nodes[index]?.name
      if (reason === undefined || node === undefined) return []
      return [{ node, predicate: this.name, code: 'unresolvable', reasons: [reason] }]
    })
  }

  async score(pod: Live<Pod>, nodes: readonly NodeInfo[]): Promise<Scores | undefined> {
    const scores = await this.ask('score', pod, nodes.map(viewOfNode))
    if (scores === undefined) return undefined
    const raw = scores.map((score) => this.numberFrom(score))
    const normalised = raw.map((score) => Math.min(bestScore, Math.max(0, Math.round(score))))
    return { priority: this.name, weight: (await this.thread.ready).weight, raw, normalised }
  }

  async permit(pod: Live<Pod>, nodeName: string): Promise<Permission> {
    const [answer] = (await this.ask('permit', pod, [nodeName])) ?? [true]
    if (answer === true || answer === null) return { type: 'allow' }
    if (answer === false) return { type: 'deny', reason: 'not permitted' }
    if (typeof answer === 'string') return { type: 'deny', reason: answer.slice(0, longestReason) }
    const { wait } = answer as { wait?: unknown }
    if (typeof wait === 'number' && wait > 0) return { type: 'wait', seconds: wait }
    throw this.fault(new PluginError('Failed', `plugin ${this.name}: permit answered ${JSON.stringify(answer)}`))
  }

  async dispose(): Promise<void> {
    await this.thread.dispose()
  }

  private start(): PluginThread {
    const { clock, limits } = this.options
    return new PluginThread(this.source, clock, limits, (error) => void this.fault(error))
  }

  /** Undefined: the plugin has no such function. */
  private async ask(
    kind: 'filter' | 'score' | 'permit',
    pod: Live<Pod>,
    nodes: readonly unknown[],
  ): Promise<readonly unknown[] | undefined> {
    const thread = this.ableThread()
    let functions: PluginFunctions
    try {
      functions = await thread.ready
    } catch (error) {
      throw asPluginError(this.name, error)
    }
    if (!functions[kind]) return undefined
    try {
      const answers = await thread.call(kind, pod, nodes)
      this.backoff.reset()
      return answers
    } catch (error) {
      throw this.fault(asPluginError(this.name, error))
    }
  }

  private ableThread(): PluginThread {
    const { clock } = this.options
    if (clock.monotonic() < this.restUntil)
      throw new PluginError('Crashed', `plugin ${this.name} is passed over after a fault`)
    if (!this.thread.isAlive) this.thread = this.start()
    return this.thread
  }

  /** A fault of one call ends neither thread nor plugin, but it rests for a while. */
  private fault(error: PluginError): PluginError {
    const { clock, onFault } = this.options
    if (clock.monotonic() >= this.restUntil) {
      this.restUntil = clock.monotonic() + this.backoff.next()
      onFault(this.source, error)
    }
    return error
  }

  /** `true` and nothing fit; `false` and a text (the reason) do not. */
  private refusalIn(verdict: unknown): string | undefined {
    if (verdict === true || verdict === null) return undefined
    if (verdict === false) return `node(s) didn't satisfy plugin ${this.name}`
    if (typeof verdict === 'string') return verdict.slice(0, longestReason)
    throw this.fault(new PluginError('Failed', `plugin ${this.name}: filter answered ${JSON.stringify(verdict)}`))
  }

  private numberFrom(score: unknown): number {
    if (typeof score === 'number' && Number.isFinite(score)) return score
    throw this.fault(new PluginError('Failed', `plugin ${this.name}: score answered ${JSON.stringify(score)}`))
  }
}

function asPluginError(name: string, error: unknown): PluginError {
  return error instanceof PluginError ? error : new PluginError('Failed', `plugin ${name}: ${describeError(error)}`)
}

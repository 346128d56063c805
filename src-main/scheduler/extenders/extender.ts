/** A program of the user that is asked over HTTP, in the words of `kube-scheduler/extender/v1`. */
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { Clock } from '../../lib/clock.ts'
import type { ExtenderSettings } from '../configuration/configuration.ts'
import type { Scores } from '../decision.ts'
import type { Refusal } from '../filter-nodes.ts'
import { bestScore } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'
import type { OutsideRule } from '../outside-rules.ts'
import type { Candidate } from '../preemption/victims.ts'
import { requestsOf } from '../resources.ts'
import { post } from './post.ts'

export type ExtenderErrorCode = 'Unreachable' | 'BadAnswer' | 'Refused'

export class ExtenderError extends Error {
  override readonly name = 'ExtenderError'
  readonly code: ExtenderErrorCode

  constructor(code: ExtenderErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** Extenders give scores from 0 to 10. */
const highestOfExtenders = 10
/** An answer that is longer is none. */
const answerLimitBytes = 64 * 1024 * 1024

type Answer = Readonly<Record<string, unknown>>

interface VictimPods {
  readonly pods?: readonly { readonly uid?: string; readonly uID?: string }[]
  readonly numPDBViolations?: number
}

export class Extender implements OutsideRule {
  readonly name: string
  readonly dispensable: boolean
  private readonly settings: ExtenderSettings
  private readonly clock: Clock

  constructor(settings: ExtenderSettings, clock: Clock) {
    this.settings = settings
    this.clock = clock
    this.name = settings.urlPrefix
    this.dispensable = settings.ignorable
  }

  get binds(): boolean {
    return this.settings.bindVerb !== ''
  }

  get preempts(): boolean {
    return this.settings.preemptVerb !== ''
  }

  concerns(pod: Live<Pod>): boolean {
    const { managedResources } = this.settings
    if (managedResources.length === 0) return true
    const { requests } = requestsOf(pod)
    return managedResources.some(({ name }) => (requests[name] ?? 0) > 0)
  }

  async filter(pod: Live<Pod>, nodes: readonly NodeInfo[]): Promise<readonly Refusal[]> {
    const { filterVerb } = this.settings
    if (filterVerb === '') return []
    const answer = await this.ask(filterVerb, { Pod: pod, ...this.nodesFor(nodes) })
    const error = textOf(answer, 'error')
    if (error !== '') throw new ExtenderError('Refused', `extender ${this.name}: ${error}`)
    const kept = this.namesIn(answer)
    const unresolvable = mapOf(answer, 'failedAndUnresolvableNodes')
    const failed = { ...mapOf(answer, 'failedNodes'), ...unresolvable }
    return nodes.flatMap(({ name }): Refusal[] => {
      if (kept.has(name) && failed[name] === undefined) return []
      const reason = failed[name]
      // What the extender leaves out without a word is gone without a reason, and for good.
      const isFinal = reason === undefined || unresolvable[name] !== undefined
      const code = isFinal ? 'unresolvable' : 'unschedulable'
      return [{ node: name, predicate: this.name, code, reasons: reason === undefined ? [] : [reason] }]
    })
  }

  async score(pod: Live<Pod>, nodes: readonly NodeInfo[]): Promise<Scores | undefined> {
    const { prioritizeVerb, weight } = this.settings
    if (prioritizeVerb === '') return undefined
    const answer = await this.ask(prioritizeVerb, { Pod: pod, ...this.nodesFor(nodes) })
    if (!Array.isArray(answer)) throw new ExtenderError('BadAnswer', `extender ${this.name} gave no list of scores`)
    const scores = new Map(
      (answer as readonly { host?: unknown; score?: unknown }[]).flatMap((one) =>
        typeof one.host === 'string' && typeof one.score === 'number' ? [[one.host, one.score] as const] : [],
      ),
    )
    const raw = nodes.map(({ name }) => Math.min(highestOfExtenders, Math.max(0, scores.get(name) ?? 0)))
    const normalised = raw.map((score) => (score * bestScore) / highestOfExtenders)
    return { priority: this.name, weight, raw, normalised }
  }

  /** Binds in place of the scheduler. */
  async bind({ metadata }: Live<Pod>, nodeName: string): Promise<void> {
    const { name, namespace, uid } = metadata
    const body = { PodName: name, PodNamespace: namespace, PodUID: uid, Node: nodeName }
    const error = textOf(await this.ask(this.settings.bindVerb, body), 'error')
    if (error !== '') throw new ExtenderError('Refused', `extender ${this.name}: ${error}`)
  }

  /** The candidates that the extender leaves, each with the victims that it names. */
  async preempt(pod: Live<Pod>, candidates: readonly Candidate[]): Promise<readonly Candidate[]> {
    const byNode = Object.fromEntries(
      candidates.map(({ node, victims, violations }) => [
        node,
        {
          Pods: this.settings.nodeCacheCapable ? victims.map(({ metadata }) => ({ UID: metadata.uid })) : victims,
          NumPDBViolations: violations,
        },
      ]),
    )
    const key = this.settings.nodeCacheCapable ? 'NodeNameToMetaVictims' : 'NodeNameToVictims'
    const answer = await this.ask(this.settings.preemptVerb, { Pod: pod, [key]: byNode })
    const left = recordOf(answer, 'nodeNameToMetaVictims')
    return candidates.flatMap((candidate) => {
      const answered = left[candidate.node]
      if (answered === undefined || answered === null) return []
      const kept = lowerCased(answered) as VictimPods
      const uids = new Set((kept.pods ?? []).map(({ uid, uID }) => uid ?? uID))
      const victims = candidate.victims.filter(({ metadata }) => uids.has(metadata.uid))
      if (victims.length === 0) {
        if (this.dispensable) return []
        throw new ExtenderError(
          'BadAnswer',
          `expected at least one victim pod on node ${JSON.stringify(candidate.node)}`,
        )
      }
      return [{ ...candidate, victims, violations: kept.numPDBViolations ?? candidate.violations }]
    })
  }

  private nodesFor(nodes: readonly NodeInfo[]): object {
    return this.settings.nodeCacheCapable
      ? { NodeNames: nodes.map(({ name }) => name) }
      : { Nodes: { apiVersion: 'v1', kind: 'NodeList', items: nodes.map(({ node }) => node) } }
  }

  private namesIn(answer: Answer): ReadonlySet<string> {
    const names = answer['nodeNames'] ?? answer['nodenames']
    if (this.settings.nodeCacheCapable && Array.isArray(names)) return new Set(names.map(String))
    const { items } = recordOf(answer, 'nodes')
    const list = Array.isArray(items) ? (items as { metadata?: { name?: string } }[]) : []
    return new Set(list.map(({ metadata }) => metadata?.name ?? ''))
  }

  private async ask(verb: string, body: object): Promise<Answer> {
    const { urlPrefix, httpTimeoutMs, tls } = this.settings
    const abort = new AbortController()
    const late = new ExtenderError('Unreachable', `extender ${urlPrefix}/${verb} did not answer in ${httpTimeoutMs} ms`)
    const timer = this.clock.after(httpTimeoutMs, () => abort.abort(late))
    try {
      const { status, text } = await post(`${urlPrefix}/${verb}`, JSON.stringify(body), {
        ...{ tls, signal: abort.signal, limitBytes: answerLimitBytes },
      })
      if (status < 200 || status > 299)
        throw new ExtenderError('Refused', `extender ${urlPrefix}/${verb} answered ${status}`)
      return asAnswer(urlPrefix, text)
    } catch (error) {
      if (error instanceof ExtenderError) throw error
      throw new ExtenderError('Unreachable', `extender ${urlPrefix}/${verb} cannot be reached`, error)
    } finally {
      void timer.dispose()
    }
  }
}

function asAnswer(urlPrefix: string, text: string): Answer {
  let value: unknown
  try {
    value = JSON.parse(text === '' ? '{}' : text)
  } catch (error) {
    throw new ExtenderError('BadAnswer', `extender ${urlPrefix} gave an answer that is not JSON`, error)
  }
  return lowerCased(value) as Answer
}

/** The types of the extenders' answers have no names of their own in JSON: `FailedNodes` and `failedNodes` are the same. */
function lowerCased(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(lowerCased)
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key.slice(0, 1).toLowerCase() + key.slice(1), keepMaps(key, one)]),
  )
}

/** The keys of these are names of nodes. */
const maps = /^(failedNodes|failedAndUnresolvableNodes|nodeNameToMetaVictims|nodes)$/i
const keepMaps = (key: string, value: unknown): unknown => (maps.test(key) ? value : lowerCased(value))

function textOf(answer: Answer, field: string): string {
  const value = answer[field]
  return typeof value === 'string' ? value : ''
}

function recordOf(answer: Answer, field: string): Readonly<Record<string, unknown>> {
  const value = answer[field]
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

const mapOf = (answer: Answer, field: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(recordOf(answer, field)).map(([name, reason]) => [name, String(reason)]))

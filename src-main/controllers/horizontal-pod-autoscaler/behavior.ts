/** How fast, and how soon after another wish, the number of replicas may change (autoscaling/v2 `behavior`). */
import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from '../../api/types/autoscaling-v2.ts'
import { applyDefaultBehavior } from './default-behavior.ts'

/** At a time, in Unix milliseconds. */
export interface Recommendation {
  readonly atMs: number
  readonly replicas: number
}

/** A change that was made: how many replicas came or went. */
export interface ScaleEvent {
  readonly atMs: number
  readonly change: number
}

export interface History {
  readonly recommendations: readonly Recommendation[]
  readonly ups: readonly ScaleEvent[]
  readonly downs: readonly ScaleEvent[]
}

export const noHistory: History = { recommendations: [], ups: [], downs: [] }

/** Of an autoscaler that is seen first: the size that it found counts as a wish, so that it takes nothing away at once. */
export const firstHistory = (replicas: number, nowMs: number): History => ({
  ...noHistory,
  recommendations: [{ atMs: nowMs, replicas }],
})

interface Rules {
  readonly stabilizationMs: number
  readonly selectPolicy: string
  readonly policies: readonly { readonly type: string; readonly value: number; readonly periodSeconds: number }[]
}

const upDefaults: Rules = {
  stabilizationMs: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
}
const downDefaults: Rules = {
  stabilizationMs: 300_000,
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
}

function withDefaults(rules: HPAScalingRules | undefined, defaults: Rules): Rules {
  const { stabilizationWindowSeconds, selectPolicy, policies = [] } = rules ?? {}
  return {
    stabilizationMs:
      stabilizationWindowSeconds === undefined ? defaults.stabilizationMs : stabilizationWindowSeconds * 1000,
    selectPolicy: selectPolicy ?? defaults.selectPolicy,
    policies: policies.length === 0 ? defaults.policies : policies,
  }
}

/** What was decided on the way, as the condition that tells of it. */
export interface Verdict {
  readonly replicas: number
  readonly able: { readonly reason: string; readonly message: string }
  readonly limited: { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string }
  readonly history: History
}

export interface BehaviorInput {
  readonly current: number
  readonly wanted: number
  readonly minReplicas: number
  readonly maxReplicas: number
  readonly behavior: HorizontalPodAutoscalerBehavior | undefined
  readonly history: History
  readonly nowMs: number
}

export function applyBehavior(input: BehaviorInput): Verdict {
  if (input.behavior === undefined) return applyDefaultBehavior(input)
  const up = withDefaults(input.behavior?.scaleUp, upDefaults)
  const down = withDefaults(input.behavior?.scaleDown, downDefaults)
  const stabilized = stabilize(input, up, down)
  return { ...limit(input, stabilized.replicas, up, down), able: stabilized.able, history: stabilized.history }
}

/** Of the recent wishes, the most careful one is followed: the least on the way up, the most on the way down. */
function stabilize(
  { current, wanted, history, nowMs }: BehaviorInput,
  up: Rules,
  down: Rules,
): Pick<Verdict, 'replicas' | 'able' | 'history'> {
  const longestMs = Math.max(up.stabilizationMs, down.stabilizationMs)
  const recent = (windowMs: number): number[] =>
    history.recommendations.filter(({ atMs }) => atMs > nowMs - windowMs).map(({ replicas }) => replicas)
  const least = Math.min(wanted, ...recent(up.stabilizationMs))
  const most = Math.max(wanted, ...recent(down.stabilizationMs))
  const replicas = Math.min(Math.max(current, least), most)
  const kept = history.recommendations.filter(({ atMs }) => atMs > nowMs - longestMs)
  const direction = wanted >= current ? 'Up' : 'Down'
  const able =
    replicas === wanted
      ? { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
      : {
          reason: `Scale${direction}Stabilized`,
          message: `recent recommendations were ${direction === 'Up' ? 'lower' : 'higher'} than current one, applying the ${direction === 'Up' ? 'lowest' : 'highest'} recent recommendation`,
        }
  return { replicas, able, history: { ...history, recommendations: [...kept, { atMs: nowMs, replicas: wanted }] } }
}

function limit(input: BehaviorInput, wanted: number, up: Rules, down: Rules): Pick<Verdict, 'replicas' | 'limited'> {
  const { current, minReplicas, maxReplicas } = input
  const as = (
    replicas: number,
    reason: string,
    message: string,
    status: 'True' | 'False' = 'True',
  ): Pick<Verdict, 'replicas' | 'limited'> => ({ replicas, limited: { status, reason, message } })
  if (wanted > current) {
    const fastest = Math.max(current, upLimit(input, up))
    const most = Math.min(fastest, maxReplicas)
    if (wanted > most)
      return fastest > maxReplicas || most === maxReplicas
        ? as(most, 'TooManyReplicas', 'the desired replica count is more than the maximum replica count')
        : as(most, 'ScaleUpLimit', 'the desired replica count is increasing faster than the maximum scale rate')
  } else if (wanted < current) {
    const fastest = Math.min(current, downLimit(input, down))
    const fewest = Math.max(fastest, minReplicas)
    if (wanted < fewest)
      return fastest < minReplicas || fewest === minReplicas
        ? as(fewest, 'TooFewReplicas', 'the desired replica count is less than the minimum replica count')
        : as(fewest, 'ScaleDownLimit', 'the desired replica count is decreasing faster than the maximum scale rate')
  }
  return as(wanted, 'DesiredWithinRange', 'the desired count is within the acceptable range', 'False')
}

const changeIn = (events: readonly ScaleEvent[], sinceMs: number): number =>
  events.filter(({ atMs }) => atMs > sinceMs).reduce((sum, { change }) => sum + change, 0)

/** What each policy allows, counted from the size at the beginning of its period. */
function limits(
  { current, history, nowMs }: BehaviorInput,
  { policies }: Rules,
  allowed: (start: number, type: string, value: number) => number,
): number[] {
  return policies.map(({ type, value, periodSeconds }) => {
    const sinceMs = nowMs - periodSeconds * 1000
    const start = current - changeIn(history.ups, sinceMs) + changeIn(history.downs, sinceMs)
    return allowed(start, type, value)
  })
}

function upLimit(input: BehaviorInput, rules: Rules): number {
  if (rules.selectPolicy === 'Disabled') return input.current
  const all = limits(input, rules, (start, type, value) =>
    type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100)),
  )
  return rules.selectPolicy === 'Min' ? Math.min(...all) : Math.max(...all)
}

function downLimit(input: BehaviorInput, rules: Rules): number {
  if (rules.selectPolicy === 'Disabled') return input.current
  const all = limits(input, rules, (start, type, value) =>
    type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100)),
  )
  return rules.selectPolicy === 'Min' ? Math.max(...all) : Math.min(...all)
}

/** The history after the size was changed. Events older than the longest period that a policy may have are forgotten. */
export function withScaleEvent(history: History, from: number, to: number, nowMs: number): History {
  const longestMs = 3_600_000
  const recent = (events: readonly ScaleEvent[]): ScaleEvent[] => events.filter(({ atMs }) => atMs > nowMs - longestMs)
  const event = { atMs: nowMs, change: Math.abs(to - from) }
  return {
    ...history,
    ups: [...recent(history.ups), ...(to > from ? [event] : [])],
    downs: [...recent(history.downs), ...(to < from ? [event] : [])],
  }
}

/** A recorded decision as an API object: nodes × plugins, the best node first. */
import type { Decision, DecisionCandidate, DecisionRefusal } from '../api/types/glass-v1.ts'
import { microTimestamp } from '../lib/clock.ts'
import type { RecordedDecision } from './decision-log.ts'
import type { Resources } from './resources.ts'

export function decisionObject(record: RecordedDecision): Decision {
  const { namespace, name, uid, profile, timeMs, attempts, message, chosen, priority, requests } = record
  const { nodes, predicates, tied, bypassed, preemption } = record
  return {
    apiVersion: 'glass.orrery.dev/v1',
    kind: 'Decision',
    metadata: { namespace, name, annotations: { 'glass.orrery.dev/pod-uid': uid } },
    ...{ profile, attempts, message },
    time: microTimestamp(timeMs),
    ...(chosen === undefined ? {} : { node: chosen }),
    inputs: { priority, requests: texts(requests), nodes, looked: record.feasible.length + record.refusals.length },
    predicates: [...predicates],
    refusals: refusalsOf(record),
    candidates: candidatesOf(record),
    ...(tied.length < 2 ? {} : { tied: [...tied] }),
    ...(preemption === undefined
      ? {}
      : {
          preemption: {
            ...(preemption.message === '' ? {} : { message: preemption.message }),
            ...(preemption.chosen === undefined ? {} : { node: preemption.chosen }),
            candidates: preemption.candidates.map(({ node, violations, victims }) => ({
              ...{ node, violations },
              victims: victims.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`),
            })),
          },
        }),
    ...(bypassed.length === 0 ? {} : { bypassed: bypassed.map((one) => ({ ...one })) }),
  }
}

/** Resources in their own units: `cpu` with the `m` of thousandths. */
const texts = (resources: Resources): Record<string, string> =>
  Object.fromEntries(
    Object.entries(resources).map(([name, amount]) => [name, name === 'cpu' ? `${amount}m` : String(amount)]),
  )

function refusalsOf({ refusals, unseen }: RecordedDecision): DecisionRefusal[] {
  const seen = refusals.map(({ node, predicate, code, reasons }) => ({
    ...{ node, predicate, resolvable: code === 'unschedulable' },
    reasons: [...reasons],
  }))
  if (unseen === undefined) return seen
  const { count, predicates, reason } = unseen
  return [...seen, { nodes: count, predicate: predicates.join(' '), resolvable: false, reasons: [reason] }]
}

function candidatesOf({ feasible, figures, scores, totals }: RecordedDecision): DecisionCandidate[] {
  const candidates = feasible.map((node, index): DecisionCandidate => {
    const figure = figures[index]
    return {
      node,
      total: totals[index] ?? 0,
      allocatable: texts(figure?.allocatable ?? {}),
      requested: texts(figure?.requested ?? {}),
      scores: scores.map(({ priority, weight, raw, normalised }) => {
        const points = normalised[index] ?? 0
        const given = raw[index] ?? 0
        return {
          ...{ priority, weight, normalised: points, weighted: points * weight },
          // A node that a priority does not judge has no raw score.
          ...(Number.isNaN(given) ? {} : { raw: given }),
        }
      }),
    }
  })
  return candidates.sort((a, b) => b.total - a.total)
}

/** Decides whether the quotas of a namespace leave room for a write, and what they hold after it. */
import type { DynamicObject } from '../meta/object.ts'
import { zeroQuantity } from '../meta/quantity.ts'
import type { ResourceQuota } from '../types/core-v1.ts'
import {
  addAmounts,
  amountTexts,
  isMore,
  listAmounts,
  onlyNamed,
  parseAmounts,
  subtractAmounts,
  type Amounts,
} from './amounts.ts'
import { isInScope } from './covers.ts'
import type { Evaluator } from './evaluator.ts'

export interface ChargedWrite {
  readonly evaluator: Evaluator
  readonly object: DynamicObject
  /** Absent: the object is new. */
  readonly previous: DynamicObject | undefined
  readonly nowUnixMs: number
}

/** `refusal`: why the write may not be; `charged`: the quotas that change by it. */
export type Verdict = { readonly refusal: string } | { readonly charged: readonly ResourceQuota[] }

export function chargeQuotas(quotas: readonly ResourceQuota[], write: ChargedWrite): Verdict {
  const charged: ResourceQuota[] = []
  for (const quota of quotas) {
    const result = chargeQuota(quota, write)
    if (typeof result === 'string') return { refusal: result }
    if (result !== undefined) charged.push(result)
  }
  return { charged }
}

/** Words: it is refused. Undefined: nothing changes for this quota. */
function chargeQuota(quota: ResourceQuota, write: ChargedWrite): ResourceQuota | string | undefined {
  const { evaluator, object, previous } = write
  const name = quota.metadata?.name ?? ''
  const hard = parseAmounts(quota.status?.hard)
  const names = new Set([...hard.keys()].filter((one) => evaluator.counts(one)))
  if (names.size === 0) return undefined
  const covered = isInScope(quota, evaluator, object)
  const unstated = covered ? evaluator.unstated?.(object, names) : undefined
  if (unstated !== undefined) return `failed quota: ${name}: ${unstated}`
  const used = parseAmounts(quota.status?.used)
  const unknown = [...names].filter((one) => !used.has(one))
  if (covered && unknown.length > 0)
    return `status unknown for quota: ${name}, resources: ${unknown.toSorted().join(',')}`
  const after = covered ? evaluator.usage(object, write.nowUnixMs) : new Map()
  const before = previous !== undefined && isInScope(quota, evaluator, previous) ? usageBefore(write) : new Map()
  const change = onlyNamed(subtractAmounts(after, before), names)
  const negative = [...after].filter(([, { nano }]) => nano < 0n).map(([one]) => one)
  if (negative.length > 0) return `quota usage is negative for resource(s): ${negative.toSorted().join(',')}`
  if ([...change.values()].every(({ nano }) => nano === 0n)) return undefined
  return exceeded(name, change, used, hard) ?? { ...quota, status: { ...quota.status, used: sumText(used, change) } }
}

const usageBefore = ({ evaluator, previous, nowUnixMs }: ChargedWrite): Amounts =>
  previous === undefined ? new Map() : evaluator.usage(previous, nowUnixMs)

const sumText = (used: Amounts, change: Amounts): Record<string, string> => amountTexts(addAmounts(used, change))

/** What becomes less is always fine, even where there is too much already. */
function exceeded(name: string, change: Amounts, used: Amounts, hard: Amounts): string | undefined {
  const after = addAmounts(used, change)
  const over = new Set(
    [...change]
      .filter(([one, { nano }]) => nano > 0n && isMore(after.get(one) ?? zeroQuantity, hard.get(one) ?? zeroQuantity))
      .map(([one]) => one),
  )
  if (over.size === 0) return undefined
  const [requested, held, limited] = [change, used, hard].map((amounts) => listAmounts(onlyNamed(amounts, over)))
  return `exceeded quota: ${name}, requested: ${requested}, used: ${held}, limited: ${limited}`
}

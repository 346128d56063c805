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

/** What every quota demands is looked at before what any of them has left. */
export function chargeQuotas(quotas: readonly ResourceQuota[], write: ChargedWrite): Verdict {
  const counting = quotas.flatMap((quota): Counting[] => {
    const hard = parseAmounts(quota.status?.hard)
    const names = new Set([...hard.keys()].filter((one) => write.evaluator.counts(one)))
    return names.size > 0 && isInScope(quota, write.evaluator, write.object) ? [{ quota, hard, names }] : []
  })
  for (const one of counting) {
    const refusal = refusalOf(one, write)
    if (refusal !== undefined) return { refusal }
  }
  const charged: ResourceQuota[] = []
  for (const one of counting) {
    const result = chargeQuota(one, write)
    if (typeof result === 'string') return { refusal: result }
    if (result !== undefined) charged.push(result)
  }
  return { charged }
}

/** A quota that counts the object, and by which names. */
interface Counting {
  readonly quota: ResourceQuota
  readonly hard: Amounts
  readonly names: ReadonlySet<string>
}

/** Why the object cannot be counted; undefined: it can. */
function refusalOf({ quota, names }: Counting, { evaluator, object, nowUnixMs }: ChargedWrite): string | undefined {
  const name = quota.metadata?.name ?? ''
  const unstated = evaluator.unstated?.(object, names)
  if (unstated !== undefined) return `failed quota: ${name}: ${unstated}`
  const used = quota.status?.used ?? {}
  if ([...names].some((one) => used[one] === undefined))
    return `status unknown for quota: ${name}, resources: ${[...names].toSorted().join(',')}`
  const negative = [...evaluator.usage(object, nowUnixMs)].filter(([, { nano }]) => nano < 0n).map(([one]) => one)
  return negative.length === 0 ? undefined : `quota usage is negative for resource(s): ${negative.toSorted().join(',')}`
}

/** Words: it is refused. Undefined: nothing changes for this quota. What becomes less is found when it is counted anew. */
function chargeQuota({ quota, hard, names }: Counting, write: ChargedWrite): ResourceQuota | string | undefined {
  const { evaluator, object, previous, nowUnixMs } = write
  const used = parseAmounts(quota.status?.used)
  const before = previous !== undefined && isInScope(quota, evaluator, previous) ? usageBefore(write) : new Map()
  const change = onlyNamed(subtractAmounts(evaluator.usage(object, nowUnixMs), before), names)
  const more = new Map([...change].filter(([, { nano }]) => nano > 0n))
  if (more.size === 0) return undefined
  const name = quota.metadata?.name ?? ''
  return exceeded(name, more, used, hard) ?? { ...quota, status: { ...quota.status, used: sumText(used, more) } }
}

const usageBefore = ({ evaluator, previous, nowUnixMs }: ChargedWrite): Amounts =>
  previous === undefined ? new Map() : evaluator.usage(previous, nowUnixMs)

const sumText = (used: Amounts, change: Amounts): Record<string, string> => amountTexts(addAmounts(used, change))

function exceeded(name: string, change: Amounts, used: Amounts, hard: Amounts): string | undefined {
  const after = addAmounts(used, change)
  const over = new Set(
    [...change]
      .filter(([one]) => isMore(after.get(one) ?? zeroQuantity, hard.get(one) ?? zeroQuantity))
      .map(([one]) => one),
  )
  if (over.size === 0) return undefined
  const [requested, held, limited] = [change, used, hard].map((amounts) => listAmounts(onlyNamed(amounts, over)))
  return `exceeded quota: ${name}, requested: ${requested}, used: ${held}, limited: ${limited}`
}

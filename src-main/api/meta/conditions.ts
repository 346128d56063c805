interface ConditionLike {
  readonly type: string
  readonly status: string
  readonly lastTransitionTime?: string
}

export function findCondition<C extends { readonly type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type)
}

/** Whether the condition of this type stands and is `True`. */
export function isConditionTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True'
}

export interface ConditionChange<C> {
  readonly conditions: C[]
  readonly changed: boolean
}

/**
 * The conditions with `next` in its place; what was given is not touched. `lastTransitionTime` becomes `now` only when
 * the status changes, so that it says since when the status holds. Without any difference `changed` is false.
 */
export function withCondition<C extends ConditionLike>(
  conditions: readonly C[] | undefined,
  next: Omit<C, 'lastTransitionTime'>,
  now: string,
): ConditionChange<C> {
  const all = conditions ?? []
  const index = all.findIndex((condition) => condition.type === (next as ConditionLike).type)
  const previous = all[index]
  const kept = previous?.status === (next as ConditionLike).status ? (previous?.lastTransitionTime ?? now) : now
  const replaced = { ...next, lastTransitionTime: kept } as unknown as C
  if (previous === undefined) return { conditions: [...all, replaced], changed: true }
  if (sameFields(previous, replaced)) return { conditions: [...all], changed: false }
  return { conditions: all.with(index, replaced), changed: true }
}

/** The conditions without those of this type. */
export function withoutCondition<C extends { readonly type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): ConditionChange<C> {
  const rest = (conditions ?? []).filter((condition) => condition.type !== type)
  return { conditions: rest, changed: rest.length !== (conditions ?? []).length }
}

function sameFields(left: object, right: object): boolean {
  const a = left as Record<string, unknown>
  const b = right as Record<string, unknown>
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => a[key] === b[key])
}

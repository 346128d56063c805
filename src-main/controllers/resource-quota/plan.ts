/** What a quota's status must say, from all that is in its namespace. */
import type { DynamicObject } from '../../api/meta/object.ts'
import { addAmounts, amountTexts, onlyNamed, parseAmounts, wholeNumber, type Amounts } from '../../api/quota/amounts.ts'
import { isInScope } from '../../api/quota/covers.ts'
import { evaluatorOf, resourceCountedAs } from '../../api/quota/evaluators.ts'
import type { ResourceName } from '../../api/errors.ts'
import type { ResourceQuota, ResourceQuotaStatus } from '../../api/types/core-v1.ts'

/** All objects of one resource in the quota's namespace. */
export interface CountedObjects {
  readonly resource: ResourceName
  readonly objects: readonly DynamicObject[]
}

/** The resources that a quota counts, each once. */
export function countedResources({ spec }: ResourceQuota): ResourceName[] {
  const found = new Map<string, ResourceName>()
  for (const name of Object.keys(spec?.hard ?? {})) {
    const resource = resourceCountedAs(name)
    if (resource !== undefined) found.set(`${resource.plural}.${resource.group}`, resource)
  }
  return [...found.values()]
}

export function planQuotaStatus(
  quota: ResourceQuota,
  counted: readonly CountedObjects[],
  nowUnixMs: number,
): ResourceQuotaStatus {
  const hard = quota.spec?.hard ?? {}
  const names = new Set(Object.keys(hard))
  // What nobody can count now keeps what was last known of it.
  let used = onlyNamed(parseAmounts(quota.status?.used), names)
  for (const { resource, objects } of counted) {
    const own = [...names].filter((name) => evaluatorOf(resource).counts(name))
    const usage = onlyNamed(usageOf(quota, resource, objects, nowUnixMs), names)
    used = new Map([...used, ...own.map((name) => [name, wholeNumber(0)] as const), ...usage])
  }
  return { hard: { ...hard }, used: amountTexts(used) }
}

function usageOf(
  quota: ResourceQuota,
  resource: ResourceName,
  objects: readonly DynamicObject[],
  nowUnixMs: number,
): Amounts {
  const evaluator = evaluatorOf(resource)
  return objects
    .filter((object) => isInScope(quota, evaluator, object))
    .map((object) => evaluator.usage(object, nowUnixMs))
    .reduce(addAmounts, new Map())
}

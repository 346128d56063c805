/** What a quota's status must say, from all that is in its namespace. */
import type { DynamicObject } from '../../api/meta/object.ts'
import { addAmounts, amountTexts, wholeNumber, type Amounts } from '../../api/quota/amounts.ts'
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
  const used = new Map(Object.keys(hard).map((name) => [name, wholeNumber(0)]))
  for (const { resource, objects } of counted)
    for (const [name, amount] of usageOf(quota, resource, objects, nowUnixMs)) {
      if (used.has(name)) used.set(name, amount)
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

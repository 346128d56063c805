/** Where a pod or a claim is outside what a LimitRange allows, in Kubernetes' words. */
import { podTotal } from '../kinds/core/pod-spec/pod-level-resources.ts'
import { formatQuantity, parseQuantity } from '../meta/quantity.ts'
import { parseAmounts, isMore, type Amounts } from '../quota/amounts.ts'
import type { LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from '../types/core-v1.ts'

interface Measured {
  readonly requests: Amounts
  readonly limits: Amounts
}

export function limitProblems(
  { spec }: LimitRange,
  plural: string,
  object: Pod | PersistentVolumeClaim,
): readonly string[] {
  const problems = (spec?.limits ?? []).flatMap((item) =>
    plural === 'pods'
      ? podProblems(item, object as Pod)
      : item.type === 'PersistentVolumeClaim'
        ? claimProblems(item, object as PersistentVolumeClaim)
        : [],
  )
  return [...new Set(problems)]
}

function podProblems(item: LimitRangeItem, { spec }: Pod): string[] {
  if (spec === undefined) return []
  if (item.type === 'Pod')
    return rangeProblems(item, { requests: podTotal(spec, 'requests'), limits: podTotal(spec, 'limits') })
  if (item.type !== 'Container') return []
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
    rangeProblems(item, { requests: parseAmounts(resources?.requests), limits: parseAmounts(resources?.limits) }),
  )
}

function rangeProblems(item: LimitRangeItem, measured: Measured): string[] {
  return [
    ...entries(item.min).flatMap(([name, minimum]) => tooLittle(item.type, name, minimum, measured)),
    ...entries(item.max).flatMap(([name, maximum]) => tooMuch(item.type, name, maximum, measured)),
    ...entries(item.maxLimitRequestRatio).flatMap(([name, ratio]) => tooWide(item.type, name, ratio, measured)),
  ]
}

function claimProblems(item: LimitRangeItem, { spec }: PersistentVolumeClaim): string[] {
  const measured = { requests: parseAmounts(spec?.resources?.requests), limits: new Map() }
  return [
    ...entries(item.min).flatMap(([name, minimum]) => tooLittle(item.type, name, minimum, measured)),
    ...entries(item.max).flatMap(([name, maximum]) => {
      const request = measured.requests.get(name)
      const rule = `maximum ${name} usage per ${item.type} is ${maximum}`
      if (request === undefined) return [`${rule}.  No request is specified`]
      return isMore(request, parseQuantity(maximum)) ? [`${rule}, but request is ${formatQuantity(request)}`] : []
    }),
  ]
}

const entries = (texts: Readonly<Record<string, string>> | undefined): [string, string][] =>
  Object.entries(texts ?? {}).toSorted(([left], [right]) => (left < right ? -1 : 1))

function tooLittle(type: string, name: string, minimum: string, { requests, limits }: Measured): string[] {
  const rule = `minimum ${name} usage per ${type} is ${minimum}`
  const least = parseQuantity(minimum)
  const [request, limit] = [requests.get(name), limits.get(name)]
  if (request === undefined) return [`${rule}.  No request is specified`]
  if (isMore(least, request)) return [`${rule}, but request is ${formatQuantity(request)}`]
  return limit !== undefined && isMore(least, limit) ? [`${rule}, but limit is ${formatQuantity(limit)}`] : []
}

function tooMuch(type: string, name: string, maximum: string, { requests, limits }: Measured): string[] {
  const rule = `maximum ${name} usage per ${type} is ${maximum}`
  const most = parseQuantity(maximum)
  const [request, limit] = [requests.get(name), limits.get(name)]
  if (limit === undefined) return [`${rule}.  No limit is specified`]
  if (isMore(limit, most)) return [`${rule}, but limit is ${formatQuantity(limit)}`]
  return request !== undefined && isMore(request, most) ? [`${rule}, but request is ${formatQuantity(request)}`] : []
}

function tooWide(type: string, name: string, ratio: string, { requests, limits }: Measured): string[] {
  const rule = `${name} max limit to request ratio per ${type} is ${ratio}`
  const [request, limit] = [requests.get(name), limits.get(name)]
  if (request === undefined || request.nano === 0n) return [`${rule}, but no request is specified or request is 0`]
  if (limit === undefined || limit.nano === 0n) return [`${rule}, but no limit is specified or limit is 0`]
  const provided = Number(limit.nano) / Number(request.nano)
  const allowed = Number(parseQuantity(ratio).nano) / 1e9
  return provided > allowed ? [`${rule}, but provided ratio is ${provided.toFixed(6)}`] : []
}

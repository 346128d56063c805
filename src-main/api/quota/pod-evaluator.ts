/** What a pod uses: itself, and what its containers ask for and may have. */
import { containersOf } from '../kinds/core/pod-spec/defaults.ts'
import { podTotal } from '../kinds/core/pod-spec/pod-level-resources.ts'
import { isTerminated } from '../meta/pod.ts'
import type { ExactQuantity } from '../meta/quantity.ts'
import type { Pod } from '../types/core-v1.ts'
import { wholeNumber, type Amounts } from './amounts.ts'
import type { Evaluator } from './evaluator.ts'
import { podInScope } from './pod-scopes.ts'

const basic = new Set(['cpu', 'memory', 'ephemeral-storage'])
const named = new Set([
  'count/pods',
  'pods',
  ...[...basic].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
])
/** Once these are limited, every container must say what it wants of them. */
const mustBeStated = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory']

const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
const isExtended = (name: string): boolean => name.includes('/') && !name.includes('kubernetes.io/')

export const podEvaluator: Evaluator = {
  counts: (name) =>
    named.has(name) ||
    isHugePages(name) ||
    name.startsWith('requests.hugepages-') ||
    (name.startsWith('requests.') && isExtended(name)),

  usage(object, nowUnixMs) {
    const pod = object as Pod
    const amounts = new Map([['count/pods', wholeNumber(1)]])
    if (!isCounted(pod, nowUnixMs) || pod.spec === undefined) return amounts
    amounts.set('pods', wholeNumber(1))
    for (const [name, amount] of chargesOf(podTotal(pod.spec, 'requests'), podTotal(pod.spec, 'limits')))
      amounts.set(name, amount)
    return amounts
  },

  inScope: (object, requirement) => podInScope(object as Pod, requirement),

  unstated(object, names) {
    const { spec } = object as Pod
    if (spec === undefined) return undefined
    const required = mustBeStated.filter((name) => names.has(name) && !isStatedForPod(object as Pod, name))
    const missing = required.flatMap((name) => {
      const containers = containersOf(spec).filter(({ resources }) => !states(resources, name))
      const list = containers.map((container) => container.name).toSorted()
      return list.length === 0 ? [] : [`${name} for: ${list.join(',')}`]
    })
    return missing.length === 0 ? undefined : `must specify ${missing.join('; ')}`
  },

  chargesUpdate: (subresource) => subresource === 'resize',
}

/** A pod that has ended, or that should long be gone, uses nothing any more. */
function isCounted(pod: Pod, nowUnixMs: number): boolean {
  if (isTerminated(pod)) return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata ?? {}
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  return nowUnixMs <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

function chargesOf(requests: Amounts, limits: Amounts): [string, ExactQuantity][] {
  const asked = [...requests].flatMap(([name, amount]): [string, ExactQuantity][] => {
    if (basic.has(name) || isHugePages(name))
      return [
        [name, amount],
        [`requests.${name}`, amount],
      ]
    return isExtended(name) ? [[`requests.${name}`, amount]] : []
  })
  const allowed = [...limits].flatMap(([name, amount]): [string, ExactQuantity][] =>
    basic.has(name) ? [[`limits.${name}`, amount]] : [],
  )
  return [...asked, ...allowed]
}

type Resources = NonNullable<Pod['spec']>['resources']

function states(resources: Resources, name: string): boolean {
  return name.startsWith('limits.')
    ? resources?.limits?.[name.slice('limits.'.length)] !== undefined
    : resources?.requests?.[name.replace(/^requests\./, '')] !== undefined
}

/** What the pod states as a whole (KEP-2837) its containers need not. */
const isStatedForPod = ({ spec }: Pod, name: string): boolean => states(spec?.resources, name)

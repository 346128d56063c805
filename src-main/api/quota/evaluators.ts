/** Which evaluator counts which resource, and which resource a name of a quota speaks of. */
import type { ResourceName } from '../errors.ts'
import { wholeNumber } from './amounts.ts'
import { claimEvaluator } from './claim-evaluator.ts'
import { deviceClaimEvaluator } from './device-claim-evaluator.ts'
import type { Evaluator } from './evaluator.ts'
import { podEvaluator } from './pod-evaluator.ts'
import { serviceEvaluator } from './service-evaluator.ts'

const own: ReadonlyMap<string, Evaluator> = new Map([
  ['pods', podEvaluator],
  ['services', serviceEvaluator],
  ['persistentvolumeclaims', claimEvaluator],
  ['resourceclaims.resource.k8s.io', deviceClaimEvaluator],
])
/** These may be counted by their bare name too, as it was before `count/`. */
const bareNames = new Set(['configmaps', 'replicationcontrollers', 'resourcequotas', 'secrets'])

const qualified = ({ group, plural }: ResourceName): string => (group === '' ? plural : `${plural}.${group}`)

/** Of kinds without an evaluator of their own only the objects are counted. */
export function evaluatorOf(resource: ResourceName): Evaluator {
  return own.get(qualified(resource)) ?? countOf(qualified(resource))
}

function countOf(resource: string): Evaluator {
  const names = bareNames.has(resource) ? [`count/${resource}`, resource] : [`count/${resource}`]
  return {
    counts: (name) => names.includes(name),
    usage: () => new Map(names.map((name) => [name, wholeNumber(1)])),
  }
}

/** The resource whose objects use this name of a quota's `hard`; undefined: nothing does. */
export function resourceCountedAs(name: string): ResourceName | undefined {
  const counted = name.startsWith('count/') ? name.slice('count/'.length) : bareNames.has(name) ? name : undefined
  const found = counted ?? [...own].find(([, evaluator]) => evaluator.counts(name))?.[0]
  if (found === undefined) return undefined
  const dot = found.indexOf('.')
  return dot < 0 ? { group: '', plural: found } : { group: found.slice(dot + 1), plural: found.slice(0, dot) }
}

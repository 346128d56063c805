import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../../types/core-v1.ts'
import { checkQuantity } from './pod-spec/resources.ts'

const compute = ['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`])
const counted = [
  ...['configmaps', 'persistentvolumeclaims', 'pods', 'replicationcontrollers', 'resourcequotas', 'secrets'],
  ...['services', 'services.loadbalancers', 'services.nodeports'],
]
const standard = new Set([...compute, ...counted, 'requests.storage'])
const isStandard = (name: string): boolean => standard.has(name) || /^(requests\.)?hugepages-/.test(name)

/** Scopes, and which standard names each can be put on. */
const ofPods = new Set([...compute, 'pods'])
const scopes: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Terminating', ofPods],
  ['NotTerminating', ofPods],
  ['NotBestEffort', ofPods],
  ['PriorityClass', ofPods],
  ['CrossNamespacePodAffinity', ofPods],
  ['BestEffort', new Set(['pods'])],
  ['VolumeAttributesClass', new Set(['persistentvolumeclaims', 'requests.storage'])],
])
/** These mean what their name says: nothing is to be compared with. */
const onlyExist = new Set(['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'CrossNamespacePodAffinity'])
const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const

export function validateResourceQuota({ spec }: ResourceQuota): FieldError[] {
  const hard = spec?.hard ?? {}
  const expressions = spec?.scopeSelector?.matchExpressions
  return [
    ...Object.entries(hard).flatMap(([name, amount]) => validateHard(name, amount)),
    ...validateScopes(spec?.scopes ?? [], hard, 'spec.scopes'),
    ...checkEach('spec.scopeSelector.matchExpressions', expressions, validateExpression),
    ...validateScopes(
      expressions?.map(({ scopeName }) => scopeName) ?? [],
      hard,
      'spec.scopeSelector.matchExpressions',
    ),
  ]
}

function validateHard(name: string, amount: string): FieldError[] {
  const path = `spec.hard[${name}]`
  const errors = problemsAt(path, name, qualifiedNameProblems(name))
  if (errors.length === 0 && !name.includes('/') && !isStandard(name))
    errors.push(invalid(path, name, 'must be a standard resource for quota'))
  let isWhole = true
  errors.push(...checkQuantity(path, amount, ({ nano }) => (isWhole = nano % 1_000_000_000n === 0n)))
  if (!isWhole && (counted.includes(name) || name.startsWith('count/')))
    errors.push(invalid(path, amount, 'must be an integer'))
  return errors
}

function validateScopes(names: readonly string[], hard: Readonly<Record<string, string>>, path: string): FieldError[] {
  const unknown = names.filter((name) => !scopes.has(name)).map(() => invalid(path, names, 'unsupported scope'))
  const unfit = names.flatMap((name) =>
    Object.keys(hard)
      .filter((one) => isStandard(one) && scopes.get(name)?.has(one) === false)
      .map(() => invalid(path, names, 'unsupported scope applied to resource')),
  )
  const conflicts = opposites
    .filter((pair) => pair.every((name) => names.includes(name)))
    .map(() => invalid(path, names, 'conflicting scopes'))
  return [...unknown, ...unfit, ...conflicts]
}

function validateExpression(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (onlyExist.has(scopeName) && operator !== 'Exists') {
    const names =
      'ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort and ResourceQuotaScopeCrossNamespacePodAffinity'
    const words = `must be 'Exist' only operator when \`scope\` is any of ${names}`
    errors.push(invalid(`${path}.operator`, operator, words))
  }
  if (operator === 'In' || operator === 'NotIn') {
    const words = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
    if (values.length === 0) errors.push(required(`${path}.values`, words))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const words = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
    if (values.length > 0) errors.push(invalid(`${path}.values`, values, words))
  } else errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  return errors
}

export const validateResourceQuotaUpdate = ({ spec }: ResourceQuota, { spec: before }: ResourceQuota): FieldError[] => [
  ...checkUnchanged('spec.scopes', [...(spec?.scopes ?? [])].toSorted(), [...(before?.scopes ?? [])].toSorted()),
  ...checkUnchanged('spec.scopeSelector', spec?.scopeSelector, before?.scopeSelector),
]

import { invalid, required, type FieldError } from '../../field-error.ts'
import { immutable } from '../../meta/field-checks.ts'
import { formatQuantity, roundedToMilli } from '../../meta/quantity.ts'
import { repeats } from '../../meta/repeats.ts'
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../../types/core-v1.ts'
import { checkQuantity } from './pod-spec/resources.ts'
import { checkQuotaName, isQuotaName, isWholeResource } from './resource-name-rules.ts'

type Amounts = Readonly<Record<string, string>>

/** Scopes, and which standard names each can be put on. */
const ofPods = new Set(['pods', ...['cpu', 'memory'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`])])
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

const existWords =
  "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

export function validateResourceQuota({ spec }: ResourceQuota): FieldError[] {
  return [
    ...validateAmounts('spec.hard', spec?.hard),
    ...validateScopes(spec ?? {}),
    ...validateScopeSelector(spec ?? {}),
  ]
}

export const validateResourceQuotaStatus = ({ status }: ResourceQuota): FieldError[] => [
  ...validateAmounts('status.hard', status?.hard),
  ...validateAmounts('status.used', status?.used),
]

function validateAmounts(path: string, amounts: Amounts = {}): FieldError[] {
  return Object.entries(amounts).flatMap(([name, text]) => {
    const at = `${path}[${name}]`
    const broken: FieldError[] = []
    const errors = checkQuantity(at, text, (amount) => {
      if (isWholeResource(name) && roundedToMilli(amount).nano % 1_000_000_000n !== 0n)
        broken.push(invalid(at, formatQuantity(amount), 'must be an integer'))
    })
    return [...checkQuotaName(at, name), ...errors, ...broken]
  })
}

/** Of each standard name that has a limit but cannot have this scope, once for each scope. */
function unfitNames(hard: Amounts = {}): (scope: string) => string[] {
  const names = Object.keys(hard).filter(isQuotaName)
  const isRepeat = repeats()
  return (scope) => {
    const fit = scopes.get(scope)
    return fit === undefined || isRepeat(scope) ? [] : names.filter((name) => !fit.has(name))
  }
}

function validateScopes({ scopes: names = [], hard }: ResourceQuotaSpec): FieldError[] {
  const path = 'spec.scopes'
  const unfit = unfitNames(hard)
  return [
    ...names.flatMap((scope) => [
      ...(scopes.has(scope) ? [] : [invalid(path, names, 'unsupported scope')]),
      ...unfit(scope).map(() => invalid(path, names, 'unsupported scope applied to resource')),
    ]),
    ...conflicts(new Set(names), path, names),
  ]
}

const conflicts = (names: ReadonlySet<string>, path: string, value: unknown): FieldError[] =>
  opposites
    .filter((pair) => pair.every((name) => names.has(name)))
    .map(() => invalid(path, value, 'conflicting scopes'))

/** The paths say no index, and of a conflict the scopes beside the selector are shown. */
function validateScopeSelector({ scopeSelector, scopes: besides, hard }: ResourceQuotaSpec): FieldError[] {
  const path = 'spec.scopeSelector.matchExpressions'
  const expressions = scopeSelector?.matchExpressions ?? []
  const unfit = unfitNames(hard)
  const shown = { MatchExpressions: expressions.map(internalExpression) }
  return [
    ...expressions.flatMap((expression) => {
      const { scopeName = '' }: Partial<ScopedResourceSelectorRequirement> = expression
      return [
        ...(scopes.has(scopeName) ? [] : [invalid(`${path}.scopeName`, scopeName, 'unsupported scope')]),
        ...unfit(scopeName).map(() => invalid(path, shown, 'unsupported scope applied to resource')),
        ...validateOperator(expression, path),
      ]
    }),
    ...conflicts(new Set(expressions.map(({ scopeName }) => scopeName)), path, besides ?? null),
  ]
}

/** Kubernetes shows it under the names of its own structures. */
const internalExpression = ({ scopeName, operator, values }: Partial<ScopedResourceSelectorRequirement>): object => ({
  ScopeName: scopeName ?? '',
  Operator: operator ?? '',
  Values: values ?? null,
})

function validateOperator(
  { scopeName = '', operator = '', values = [] }: Partial<ScopedResourceSelectorRequirement>,
  path: string,
): FieldError[] {
  const errors =
    onlyExist.has(scopeName) && operator !== 'Exists' ? [invalid(`${path}.operator`, operator, existWords)] : []
  if (operator === 'In' || operator === 'NotIn') {
    const words = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
    if (values.length === 0) errors.push(required(`${path}.values`, words))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const words = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
    if (values.length > 0) errors.push(invalid(`${path}.values`, values, words))
  } else errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  return errors
}

/** The scopes stay, in whatever order; a selector may change. */
export function validateResourceQuotaUpdate({ spec }: ResourceQuota, { spec: before }: ResourceQuota): FieldError[] {
  const [now, then] = [new Set(spec?.scopes), new Set(before?.scopes)]
  return now.size === then.size && [...now].every((scope) => then.has(scope))
    ? []
    : [invalid('spec.scopes', spec?.scopes ?? null, immutable)]
}

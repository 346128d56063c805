/** Where a pod may run: affinities, spreading and the node it names. */
import { duplicate, forbidden, invalid, required, type FieldError } from '../../../field-error.ts'
import { checkEach, checkOptionalOneOf, problemsAt } from '../../../meta/field-checks.ts'
import { dnsSubdomainProblems, labelName, labelValueProblems } from '../../../meta/names.ts'
import { checkLabelKey, validateLabelSelector } from '../../../meta/validate-labels.ts'
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  TopologySpreadConstraint,
} from '../../../types/core-v1.ts'
import type { LabelSelector } from '../../../types/meta-v1.ts'

const mustHold = 'requiredDuringSchedulingIgnoredDuringExecution'
const mayHold = 'preferredDuringSchedulingIgnoredDuringExecution'

export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {}
  const errors: FieldError[] = []
  const selector = nodeAffinity?.[mustHold]
  if (selector !== undefined) errors.push(...validateNodeSelector(selector, `${path}.nodeAffinity.${mustHold}`))
  errors.push(
    ...checkEach(`${path}.nodeAffinity.${mayHold}`, nodeAffinity?.[mayHold], ({ weight, preference }, one) => [
      ...checkWeight(`${one}.weight`, weight),
      ...validateNodeTerm(preference, `${one}.preference`, true),
    ]),
  )
  return [
    ...errors,
    ...validatePodAffinity(podAffinity, `${path}.podAffinity`),
    ...validatePodAffinity(podAntiAffinity, `${path}.podAntiAffinity`),
  ]
}

/** Which nodes: those of any of its terms, of which there must be one. */
export function validateNodeSelector(selector: Partial<NodeSelector>, path: string): FieldError[] {
  const { nodeSelectorTerms: terms = [] } = selector
  const at = `${path}.nodeSelectorTerms`
  if (terms.length === 0) return [required(at, 'must have at least one node selector term')]
  return checkEach(at, terms, (term, one) => validateNodeTerm(term, one))
}

const checkWeight = (path: string, weight: number): FieldError[] =>
  weight >= 1 && weight <= 100 ? [] : [invalid(path, weight, 'must be in the range 1-100')]

/** `loose`: what nobody must fulfil may ask for values that no label can have. */
export function validateNodeTerm(term: NodeSelectorTerm | undefined, path: string, loose = false): FieldError[] {
  return [
    ...checkEach(`${path}.matchExpressions`, term?.matchExpressions, (one, at) => [
      ...validateNodeRequirement(one, at),
      ...(loose
        ? []
        : checkEach(`${at}.values`, one.values, (value, place) => problemsAt(place, value, labelValueProblems(value)))),
    ]),
    ...checkEach(`${path}.matchFields`, term?.matchFields, validateNodeField),
  ]
}

function validateNodeRequirement(requirement: NodeSelectorRequirement, path: string): FieldError[] {
  const { key = '', operator = '', values = [] } = requirement
  const errors: FieldError[] = []
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  }
  if ((operator === 'Gt' || operator === 'Lt') && values.length !== 1) {
    errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
  }
  if (!['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'].includes(operator)) {
    errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  }
  return [...errors, ...checkLabelKey(`${path}.key`, key)]
}

/** Of a node's own fields, its name alone can be asked for, and one name at a time. */
function validateNodeField(
  { key = '', operator = '', values = [] }: NodeSelectorRequirement,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (operator !== 'In' && operator !== 'NotIn')
    errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  else if (values.length !== 1) {
    const words = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
    errors.push(required(`${path}.values`, words))
  }
  if (key !== 'metadata.name') return [...errors, invalid(`${path}.key`, key, 'not a valid field selector key')]
  return [
    ...errors,
    ...checkEach(`${path}.values`, values, (value, at) => problemsAt(at, value, dnsSubdomainProblems(value))),
  ]
}

function validatePodAffinity(affinity: PodAffinity | undefined, path: string): FieldError[] {
  return [
    ...checkEach(`${path}.${mustHold}`, affinity?.[mustHold], validatePodTerm),
    ...checkEach(`${path}.${mayHold}`, affinity?.[mayHold], ({ weight, podAffinityTerm }, at) => [
      ...checkWeight(`${at}.weight`, weight),
      ...validatePodTerm(podAffinityTerm, `${at}.podAffinityTerm`),
    ]),
  ]
}

function validatePodTerm(term: Partial<PodAffinityTerm> | undefined, path: string): FieldError[] {
  const { topologyKey = '', labelSelector, namespaceSelector, namespaces } = term ?? {}
  const unwanted = new Set(term?.mismatchLabelKeys)
  return [
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...checkEach(`${path}.namespace`, namespaces, (name) =>
      problemsAt(`${path}.namespace`, name, labelName(name, false)),
    ),
    ...(['matchLabelKeys', 'mismatchLabelKeys'] as const).flatMap((field) =>
      validateLabelKeys(term?.[field], field, labelSelector, path),
    ),
    ...checkEach(`${path}.matchLabelKeys`, term?.matchLabelKeys, (key, at) =>
      unwanted.has(key) ? [invalid(at, key, 'exists in both matchLabelKeys and mismatchLabelKeys')] : [],
    ),
    ...(topologyKey === '' ? [required(`${path}.topologyKey`, 'can not be empty')] : []),
    ...checkLabelKey(`${path}.topologyKey`, topologyKey),
  ]
}

/** Labels of which the pod's own values are to be met: they need a selector to add to, which must not say them too. */
function validateLabelKeys(
  keys: readonly string[] | undefined,
  field: string,
  selector: LabelSelector | undefined,
  path: string,
): FieldError[] {
  if (keys === undefined || keys.length === 0) return []
  if (selector === undefined)
    return [forbidden(`${path}.${field}`, 'must not be specified when labelSelector is not set')]
  const said = new Set([
    ...Object.keys(selector.matchLabels ?? {}),
    ...(selector.matchExpressions ?? []).map(({ key }) => key),
  ])
  return checkEach(`${path}.${field}`, keys, (key, at) => [
    ...checkLabelKey(at, key),
    ...(said.has(key) ? [invalid(at, key, `exists in both ${field} and labelSelector`)] : []),
  ])
}

export function validateSpreading(
  constraints: readonly TopologySpreadConstraint[] | undefined,
  path: string,
): FieldError[] {
  const pairOf = ({ topologyKey = '', whenUnsatisfiable = '' }: Partial<TopologySpreadConstraint>): string =>
    `{${topologyKey}, ${whenUnsatisfiable}}`
  const lastOf = new Map((constraints ?? []).map((one, index) => [pairOf(one), index]))
  return checkEach(path, constraints, (constraint, at, index) => {
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable: action = '', labelSelector } = constraint
    const pair = pairOf(constraint)
    return [
      ...(maxSkew > 0 ? [] : [invalid(`${at}.maxSkew`, maxSkew, 'must be greater than zero')]),
      ...(topologyKey === '' ? [required(`${at}.topologyKey`, 'can not be empty')] : []),
      ...checkOptionalOneOf(`${at}.whenUnsatisfiable`, action, ['DoNotSchedule', 'ScheduleAnyway']),
      // The one before says it of each that comes again.
      ...(lastOf.get(pair) === index ? [] : [duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair)]),
      ...validateDomains(constraint.minDomains, action, `${at}.minDomains`),
      ...checkOptionalOneOf(`${at}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, ['Honor', 'Ignore']),
      ...checkOptionalOneOf(`${at}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, ['Honor', 'Ignore']),
      ...validateLabelKeys(constraint.matchLabelKeys, 'matchLabelKeys', labelSelector, at),
      ...validateLabelSelector(labelSelector, `${at}.labelSelector`),
    ]
  })
}

function validateDomains(minDomains: number | undefined, action: string, path: string): FieldError[] {
  if (minDomains === undefined) return []
  const words = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
  return [
    ...(minDomains > 0 ? [] : [invalid(path, minDomains, 'must be greater than zero')]),
    ...(action === 'DoNotSchedule' ? [] : [invalid(path, minDomains, words)]),
  ]
}

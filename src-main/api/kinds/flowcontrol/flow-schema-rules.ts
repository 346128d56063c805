/** What a FlowSchema may say (KEP-1040). */
import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkEach, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { dnsLabelProblems, dnsSubdomainProblems } from '../../meta/names.ts'
import type {
  FlowSchema,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../types/flowcontrol-v1.ts'
import { exempt, mandatoryFlowSchemas, nameOf } from './mandatory.ts'

const highestPrecedence = 10000
const distinguishers = ['ByNamespace', 'ByUser']
/** Of resources and of paths alike. */
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']

export function defaultFlowSchema({ spec }: FlowSchema): void {
  if (spec !== undefined) spec.matchingPrecedence ??= 1000
}

export function validateFlowSchema(schema: FlowSchema): FieldError[] {
  const { spec } = schema
  if (spec === undefined) return [required('spec')]
  return [...validatePrecedence(schema, spec), ...validateSpec(spec), ...validateMandatory(schema, spec)]
}

function validatePrecedence(schema: FlowSchema, { matchingPrecedence = 0 }: FlowSchemaSpec): FieldError[] {
  const path = 'spec.matchingPrecedence'
  if (matchingPrecedence <= 0) return [invalid(path, matchingPrecedence, 'must be a positive value')]
  if (matchingPrecedence > highestPrecedence)
    return [invalid(path, matchingPrecedence, `must not be greater than ${highestPrecedence}`)]
  const words = `only the schema named '${exempt}' may have matchingPrecedence 1`
  return matchingPrecedence === 1 && nameOf(schema) !== exempt ? [invalid(path, matchingPrecedence, words)] : []
}

function validateSpec(spec: Partial<FlowSchemaSpec>): FieldError[] {
  const { distinguisherMethod, priorityLevelConfiguration, rules } = spec
  const { name = '' } = priorityLevelConfiguration ?? {}
  const path = 'spec.priorityLevelConfiguration.name'
  const type = distinguisherMethod?.type
  return [
    ...(type === undefined || distinguishers.includes(type)
      ? []
      : [notSupported('spec.distinguisherMethod.type', distinguisherMethod, distinguishers)]),
    ...(name === ''
      ? [required(path, 'must reference a priority level')]
      : problemsAt(path, name, dnsSubdomainProblems(name))),
    ...checkEach('spec.rules', rules, validateRule),
  ]
}

function validateMandatory(schema: FlowSchema, spec: FlowSchemaSpec): FieldError[] {
  const name = nameOf(schema)
  const fixed = Object.hasOwn(mandatoryFlowSchemas, name) ? mandatoryFlowSchemas[name] : undefined
  if (fixed === undefined || sameValue(spec, fixed)) return []
  return [invalid('spec', spec, `spec of '${name}' must equal the fixed value`)]
}

function validateRule(rule: Partial<PolicyRulesWithSubjects>, path: string): FieldError[] {
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rule
  return [
    ...(subjects.length === 0 ? [required(`${path}.subjects`, 'subjects must contain at least one value')] : []),
    ...checkEach(`${path}.subjects`, subjects, validateSubject),
    ...(resourceRules.length + nonResourceRules.length === 0
      ? [required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty')]
      : []),
    ...checkEach(`${path}.resourceRules`, resourceRules, validateResourceRule),
    ...checkEach(`${path}.nonResourceRules`, nonResourceRules, validatePathRule),
  ]
}

/** The field that the kind of a subject calls for. */
const subjectFields = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const

function validateSubject(subject: Subject, path: string): FieldError[] {
  const { kind } = subject
  if (!isSubjectKind(kind)) return [notSupported(`${path}.kind`, kind, ['Group', 'ServiceAccount', 'User'])]
  const own = subjectFields[kind]
  const others = Object.entries(subjectFields).filter(([, field]) => field !== own && subject[field] !== undefined)
  return [
    ...(subject[own] === undefined
      ? [required(`${path}.${own}`, `${own} is required when subject kind is '${kind}'`)]
      : validateSubjectName(subject, `${path}.${own}`, own)),
    ...others.map(([other, field]) =>
      forbidden(`${path}.${field}`, `${field} is forbidden when subject kind is not '${other}'`),
    ),
  ]
}

const isSubjectKind = (kind: string): kind is keyof typeof subjectFields => Object.hasOwn(subjectFields, kind)

function validateSubjectName(
  subject: Subject,
  path: string,
  own: (typeof subjectFields)[keyof typeof subjectFields],
): FieldError[] {
  const name = subject[own]?.name ?? ''
  if (own !== 'serviceAccount') return name === '' ? [required(`${path}.name`)] : []
  const namespace = subject.serviceAccount?.namespace ?? ''
  return [
    ...(name === ''
      ? [required(`${path}.name`)]
      : name === '*'
        ? []
        : problemsAt(`${path}.name`, name, dnsSubdomainProblems(name))),
    ...(namespace === ''
      ? [required(`${path}.namespace`, 'must specify namespace for service account')]
      : problemsAt(`${path}.namespace`, namespace, dnsLabelProblems(namespace))),
  ]
}

/** At least one, and `*` only by itself. */
function checkList(path: string, list: readonly string[] | undefined, empty: string, others: string): FieldError[] {
  if (list === undefined || list.length === 0) return [required(path, empty)]
  const mixed = list.length > 1 && list.includes('*')
  return mixed ? [invalid(path, list, `if '*' is present, must not specify other ${others}`)] : []
}

function checkVerbs(path: string, given: readonly string[] = []): FieldError[] {
  if (given.length === 0 || given.includes('*'))
    return checkList(path, given, 'verbs must contain at least one value', 'verbs')
  return given.every((verb) => verbs.includes(verb)) ? [] : [notSupported(path, given, verbs)]
}

const eachNamespace = "each member of this list must be '*' or a DNS-1123 label; "

function validateResourceRule(rule: Partial<ResourcePolicyRule>, path: string): FieldError[] {
  const { verbs: given, apiGroups, resources, namespaces = [], clusterScope = false } = rule
  const inNone = 'resource rules that are not cluster scoped must supply at least one namespace'
  return [
    ...checkVerbs(`${path}.verbs`, given),
    ...checkList(`${path}.apiGroups`, apiGroups, 'resource rules must supply at least one api group', 'api groups'),
    ...checkList(`${path}.resources`, resources, 'resource rules must supply at least one resource', 'resources'),
    ...(namespaces.length === 0 && clusterScope
      ? []
      : checkList(`${path}.namespaces`, namespaces, inNone, 'namespaces')),
    ...checkEach(`${path}.namespaces`, namespaces.includes('*') ? [] : namespaces, (name, at) =>
      dnsLabelProblems(name).map((problem) => invalid(at, name, `${eachNamespace}${problem}`)),
    ),
  ]
}

function validatePathRule(
  { verbs: given, nonResourceURLs }: Partial<NonResourcePolicyRule>,
  path: string,
): FieldError[] {
  const urls = `${path}.nonResourceURLs`
  const isAny = nonResourceURLs?.includes('*') === true
  return [
    ...checkVerbs(`${path}.verbs`, given),
    ...checkList(urls, nonResourceURLs, 'nonResourceURLs must contain at least one value', 'non-resource URLs'),
    ...checkEach(urls, isAny ? [] : nonResourceURLs, validateUrl),
  ]
}

function validateUrl(url: string, path: string): FieldError[] {
  if (url === '') return [invalid(path, url, 'must not be empty')]
  if (url === '/') return []
  if (!url.startsWith('/')) return [invalid(path, url, 'must start with slash')]
  if (url.includes(' ')) return [invalid(path, url, 'must not contain white-space')]
  if (url.includes('//')) return [invalid(path, url, 'must not contain double slash')]
  const star = url.indexOf('*')
  if (star < 0 || (star === url.length - 1 && url.endsWith('/*'))) return []
  return [invalid(path, url, 'wildcard can only do suffix matching')]
}

/** What policies and bindings of both sorts share: which requests they are about, and with which parameters. */
import { duplicate, invalid, required, tooMany, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, checkOptionalOneOf, problemsAt } from '../../meta/field-checks.ts'
import { labelSelectorFrom, SelectorError } from '../../meta/label-selector.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import type {
  MatchCondition,
  MatchResources,
  NamedRuleWithOperations,
  ParamKind,
  ParamRef,
  Variable,
} from '../../types/admissionregistration-v1.ts'
import type { LabelSelector } from '../../types/meta-v1.ts'

const operations = ['*', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT']
const conditionLimit = 64

export function defaultMatchResources(resources: MatchResources | undefined): void {
  if (resources === undefined) return
  resources.matchPolicy ??= 'Equivalent'
  resources.namespaceSelector ??= {}
  resources.objectSelector ??= {}
  for (const rule of [...(resources.resourceRules ?? []), ...(resources.excludeResourceRules ?? [])]) rule.scope ??= '*'
}

/** `needsRules`: a policy must say what it is about. */
export function validateMatchResources(
  path: string,
  resources: MatchResources | undefined,
  needsRules: boolean,
): FieldError[] {
  if (resources === undefined) return needsRules ? [required(path)] : []
  const { resourceRules = [], excludeResourceRules } = resources
  return [
    ...checkOptionalOneOf(`${path}.matchPolicy`, resources.matchPolicy, ['Exact', 'Equivalent']),
    ...selectorErrors(`${path}.namespaceSelector`, resources.namespaceSelector),
    ...selectorErrors(`${path}.objectSelector`, resources.objectSelector),
    ...(needsRules && resourceRules.length === 0 ? [required(`${path}.resourceRules`)] : []),
    ...checkEach(`${path}.resourceRules`, resourceRules, validateRule),
    ...checkEach(`${path}.excludeResourceRules`, excludeResourceRules, validateRule),
  ]
}

function selectorErrors(path: string, selector: LabelSelector | undefined): FieldError[] {
  try {
    labelSelectorFrom(selector)
    return []
  } catch (error) {
    if (error instanceof SelectorError) return [invalid(path, selector, error.message)]
    throw error
  }
}

function validateRule(rule: NamedRuleWithOperations, path: string): FieldError[] {
  const { apiGroups = [], apiVersions = [], resources = [], operations: asked = [] } = rule
  return [
    ...starAlone(`${path}.apiGroups`, apiGroups),
    ...starAlone(`${path}.apiVersions`, apiVersions),
    ...checkEach(`${path}.apiVersions`, apiVersions, (one, at) => (one === '' ? [required(at)] : [])),
    ...starAlone(`${path}.operations`, asked),
    ...checkEach(`${path}.operations`, asked, (one, at) => checkOneOf(at, one, operations)),
    ...(resources.length === 0 ? [required(`${path}.resources`)] : []),
    ...checkEach(`${path}.resources`, resources, (one, at) => (one === '' ? [required(at)] : [])),
    ...checkOptionalOneOf(`${path}.scope`, rule.scope, ['Cluster', 'Namespaced', '*']),
  ]
}

function starAlone(path: string, values: readonly string[]): FieldError[] {
  if (values.length === 0) return [required(path)]
  if (values.length === 1 || !values.includes('*')) return []
  return [invalid(path, values, "if '*' is present, must not specify other values")]
}

export function validateParamKind(path: string, kind: ParamKind | undefined): FieldError[] {
  if (kind === undefined) return []
  const { apiVersion = '', kind: name = '' } = kind
  const errors: FieldError[] = []
  if (apiVersion === '') errors.push(required(`${path}.apiVersion`))
  else if (apiVersion.split('/').length > 2)
    errors.push(invalid(`${path}.apiVersion`, apiVersion, 'unexpected GroupVersion string'))
  if (name === '') errors.push(required(`${path}.kind`))
  return errors
}

export function validateParamRef(path: string, ref: ParamRef | undefined): FieldError[] {
  if (ref === undefined) return []
  const { name = '', selector } = ref
  const errors: FieldError[] = []
  if (name !== '' && selector !== undefined)
    errors.push({
      type: 'FieldValueForbidden',
      path: `${path}.name`,
      detail: 'name and selector are mutually exclusive',
    })
  if (name === '' && selector === undefined) errors.push(required(path, 'one of name or selector must be specified'))
  return [
    ...errors,
    ...(selector === undefined ? [] : selectorErrors(`${path}.selector`, selector)),
    ...checkOneOf(`${path}.parameterNotFoundAction`, ref.parameterNotFoundAction, ['Allow', 'Deny']),
  ]
}

export function validateConditions(path: string, conditions: readonly MatchCondition[] = []): FieldError[] {
  const names = new Set<string>()
  const errors = checkEach(path, conditions, ({ name = '', expression = '' }, at) => {
    const seen = names.has(name)
    names.add(name)
    return [
      ...(expression.trim() === '' ? [required(`${at}.expression`)] : []),
      ...(name === '' ? [required(`${at}.name`)] : problemsAt(`${at}.name`, name, qualifiedNameProblems(name))),
      ...(seen && name !== '' ? [duplicate(`${at}.name`, name)] : []),
    ]
  })
  return conditions.length > conditionLimit ? [tooMany(path, conditions.length, conditionLimit), ...errors] : errors
}

export function validateVariables(path: string, variables: readonly Variable[] | undefined): FieldError[] {
  const names = new Set<string>()
  return checkEach(path, variables, ({ name = '', expression = '' }, at) => {
    const seen = names.has(name)
    names.add(name)
    const named = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
    return [
      ...(name === '' ? [required(`${at}.name`, 'name is not specified')] : []),
      ...(name !== '' && !named ? [invalid(`${at}.name`, name, 'name is not a valid CEL identifier')] : []),
      ...(seen && name !== '' ? [duplicate(`${at}.name`, name)] : []),
      ...(expression.trim() === '' ? [required(`${at}.expression`, 'expression is not specified')] : []),
    ]
  })
}

/** Defaults and rules of mutating admission policies and their bindings; their expressions are checked elsewhere. */
import { forbidden, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, checkOptionalOneOf } from '../../meta/field-checks.ts'
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
} from '../../types/admissionregistration-v1.ts'
import {
  defaultMatchResources,
  validateConditions,
  validateMatchResources,
  validateParamKind,
  validateParamRef,
  validateVariables,
} from './match-resources-rules.ts'

export function defaultMutatingPolicy({ spec }: MutatingAdmissionPolicy): void {
  if (spec === undefined) return
  spec.failurePolicy ??= 'Fail'
  defaultMatchResources(spec.matchConstraints)
}

export function validateMutatingPolicy({ spec = {} }: MutatingAdmissionPolicy): FieldError[] {
  const { mutations = [], matchConstraints } = spec
  return [
    ...checkOptionalOneOf('spec.failurePolicy', spec.failurePolicy, ['Fail', 'Ignore']),
    ...checkOneOf('spec.reinvocationPolicy', spec.reinvocationPolicy, ['IfNeeded', 'Never']),
    ...validateParamKind('spec.paramKind', spec.paramKind),
    ...validateMatchResources('spec.matchConstraints', matchConstraints, true),
    ...onlyWrites(matchConstraints?.resourceRules ?? []),
    ...validateConditions('spec.matchConditions', spec.matchConditions),
    ...validateVariables('spec.variables', spec.variables),
    ...(mutations.length === 0 ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...checkEach('spec.mutations', mutations, validateMutation),
  ]
}

/** There is nothing to change in a deletion or a connection. */
function onlyWrites(rules: readonly { readonly operations?: readonly string[] }[]): FieldError[] {
  return rules.flatMap(({ operations = [] }, rule) =>
    operations.flatMap((operation, index) => {
      if (operation === 'CREATE' || operation === 'UPDATE') return []
      const path = `spec.matchConstraints.resourceRules[${rule}].operations[${index}]`
      return checkOneOf(path, operation, ['CREATE', 'UPDATE'])
    }),
  )
}

function validateMutation({ patchType = '', applyConfiguration, jsonPatch }: Mutation, path: string): FieldError[] {
  if (patchType === 'ApplyConfiguration')
    return [
      ...validatePart(`${path}.applyConfiguration`, applyConfiguration, patchType),
      ...(jsonPatch === undefined ? [] : [unused(`${path}.jsonPatch`, 'JSONPatch')]),
    ]
  if (patchType === 'JSONPatch')
    return [
      ...validatePart(`${path}.jsonPatch`, jsonPatch, patchType),
      ...(applyConfiguration === undefined ? [] : [unused(`${path}.applyConfiguration`, 'ApplyConfiguration')]),
    ]
  return checkOneOf(`${path}.patchType`, patchType, ['ApplyConfiguration', 'JSONPatch'])
}

function validatePart(path: string, part: { readonly expression?: string } | undefined, type: string): FieldError[] {
  if (part === undefined) return [required(path, `must be specified when patchType is ${type}`)]
  return (part.expression ?? '').trim() === '' ? [required(`${path}.expression`, 'expression is not specified')] : []
}

const unused = (path: string, type: string): FieldError =>
  forbidden(path, `may not be specified when patchType is not ${type}`)

export function defaultMutatingBinding({ spec }: MutatingAdmissionPolicyBinding): void {
  defaultMatchResources(spec?.matchResources)
}

export function validateMutatingBinding({ spec = {} }: MutatingAdmissionPolicyBinding): FieldError[] {
  return [
    ...((spec.policyName ?? '') === '' ? [required('spec.policyName')] : []),
    ...validateParamRef('spec.paramRef', spec.paramRef),
    ...validateMatchResources('spec.matchResources', spec.matchResources, false),
  ]
}

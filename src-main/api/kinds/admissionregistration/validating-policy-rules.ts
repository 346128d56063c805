/** Defaults and rules of validating admission policies and their bindings; their expressions are checked elsewhere. */
import { duplicate, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOptionalOneOf, problemsAt } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import { repeats } from '../../meta/repeats.ts'
import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '../../types/admissionregistration-v1.ts'
import {
  defaultMatchResources,
  validateConditions,
  validateMatchResources,
  validateParamKind,
  validateParamRef,
  validateVariables,
} from './match-resources-rules.ts'

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized']
const actions = ['Audit', 'Deny', 'Warn']
const annotationLimit = 20

export function defaultValidatingPolicy({ spec }: ValidatingAdmissionPolicy): void {
  if (spec === undefined) return
  spec.failurePolicy ??= 'Fail'
  defaultMatchResources(spec.matchConstraints)
}

export function validateValidatingPolicy({ spec = {} }: ValidatingAdmissionPolicy): FieldError[] {
  const { validations = [], auditAnnotations = [] } = spec
  const words = 'validations or auditAnnotations must be non-empty and contain at least one entry'
  return [
    ...checkOptionalOneOf('spec.failurePolicy', spec.failurePolicy, ['Fail', 'Ignore']),
    ...validateParamKind('spec.paramKind', spec.paramKind),
    ...validateMatchResources('spec.matchConstraints', spec.matchConstraints, true),
    ...validateConditions('spec.matchConditions', spec.matchConditions),
    ...validateVariables('spec.variables', spec.variables),
    ...(validations.length === 0 && auditAnnotations.length === 0 ? [required('spec.validations', words)] : []),
    ...checkEach('spec.validations', validations, validateValidation),
    ...validateAnnotations('spec.auditAnnotations', auditAnnotations),
  ]
}

function validateValidation(
  { expression = '', message, messageExpression, reason }: Validation,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (expression.trim() === '') errors.push(required(`${path}.expression`, 'expression is not specified'))
  if (messageExpression !== undefined && messageExpression.trim() === '')
    errors.push(invalid(`${path}.messageExpression`, messageExpression, 'must be non-empty if specified'))
  if (message !== undefined && message !== '' && message.trim() === '')
    errors.push(invalid(`${path}.message`, message, 'message must be non-empty if specified'))
  else if (message?.includes('\n') === true)
    errors.push(invalid(`${path}.message`, message, 'message must not contain line breaks'))
  else if (expression.includes('\n') && (message ?? '') === '')
    errors.push(required(`${path}.message`, 'message must be specified if expression contains line breaks'))
  return [...errors, ...checkOptionalOneOf(`${path}.reason`, reason, reasons)]
}

function validateAnnotations(path: string, annotations: readonly AuditAnnotation[]): FieldError[] {
  const keys = new Set<string>()
  const errors = checkEach(path, annotations, ({ key = '', valueExpression = '' }, at) => {
    const seen = keys.has(key)
    keys.add(key)
    return [
      ...(key === ''
        ? [required(`${at}.key`, 'key is not specified')]
        : problemsAt(`${at}.key`, key, qualifiedNameProblems(key))),
      ...(seen && key !== '' ? [duplicate(`${at}.key`, key)] : []),
      ...(valueExpression.trim() === '' ? [required(`${at}.valueExpression`, 'valueExpression is not specified')] : []),
    ]
  })
  return annotations.length > annotationLimit
    ? [invalid(path, annotations.length, `must not have more than ${annotationLimit} auditAnnotations`), ...errors]
    : errors
}

export function defaultBinding({ spec }: Pick<ValidatingAdmissionPolicyBinding, 'spec'> | { spec?: undefined }): void {
  defaultMatchResources(spec?.matchResources)
}

export function validateValidatingBinding({ spec }: ValidatingAdmissionPolicyBinding): FieldError[] {
  const { policyName = '', paramRef, matchResources, validationActions = [] } = spec ?? {}
  return [
    ...(policyName === '' ? [required('spec.policyName')] : []),
    ...validateParamRef('spec.paramRef', paramRef),
    ...validateMatchResources('spec.matchResources', matchResources, false),
    ...validateActions('spec.validationActions', validationActions),
  ]
}

function validateActions(path: string, given: readonly string[]): FieldError[] {
  if (given.length === 0) return [required(path, 'at least one validation action is required')]
  const isRepeat = repeats()
  const errors = given.flatMap((action, index) => {
    if (!actions.includes(action)) return [notSupported(`${path}[${index}]`, action, actions)]
    return isRepeat(action) ? [duplicate(`${path}[${index}]`, action)] : []
  })
  const words =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'
  return given.includes('Deny') && given.includes('Warn') ? [...errors, invalid(path, given, words)] : errors
}

/** Whether the expressions of a policy compile, as errors of its fields. */
import { invalid, type FieldError } from '../../../api/field-error.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import type {
  MatchCondition,
  MutatingAdmissionPolicy,
  ValidatingAdmissionPolicy,
  Variable,
} from '../../../api/types/admissionregistration-v1.ts'
import type { Environment } from '../../cel/environment.ts'
import { checkMatchConditions, compileProblem } from '../match/match-conditions.ts'
import type { PolicyEnvironment } from './compile-policy.ts'
import { compileMutation, mutatingEnvironment, mutationExpression } from './mutating-policy.ts'
import { compileVariables } from './policy-variables.ts'
import { compileAnnotation, compileExpression, compileMessage, validatingEnvironment } from './validating-policy.ts'

export function checkValidatingPolicy(object: DynamicObject): FieldError[] {
  const { spec = {} } = object as ValidatingAdmissionPolicy
  const { errors, environment } = checkShared(spec, validatingEnvironment(spec.paramKind !== undefined))
  return [
    ...errors,
    ...(spec.validations ?? []).flatMap(({ expression, messageExpression }, index) => [
      ...checkAt(`spec.validations[${index}].expression`, expression, () => compileExpression(expression, environment)),
      ...checkAt(`spec.validations[${index}].messageExpression`, messageExpression, () =>
        compileMessage(messageExpression ?? '', environment),
      ),
    ]),
    ...(spec.auditAnnotations ?? []).flatMap((annotation, index) =>
      checkAt(`spec.auditAnnotations[${index}].valueExpression`, annotation.valueExpression, () =>
        compileAnnotation(annotation, environment),
      ),
    ),
  ]
}

export function checkMutatingPolicy(object: DynamicObject): FieldError[] {
  const { spec = {} } = object as MutatingAdmissionPolicy
  const { errors, environment } = checkShared(spec, mutatingEnvironment(spec.paramKind !== undefined))
  return [
    ...errors,
    ...(spec.mutations ?? []).flatMap((mutation, index) => {
      const part = mutation.patchType === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration'
      const path = `spec.mutations[${index}].${part}.expression`
      return checkAt(path, mutationExpression(mutation), () => compileMutation(mutation, environment))
    }),
  ]
}

function checkShared(
  spec: { readonly variables?: readonly Variable[]; readonly matchConditions?: readonly MatchCondition[] },
  environmentOf: PolicyEnvironment,
): { errors: FieldError[]; environment: Environment } {
  const { type, problems } = compileVariables(spec.variables, environmentOf)
  const ofVariables = [...problems].flatMap(([index, problem]) => {
    const expression = spec.variables?.[index]?.expression
    return checkAt(`spec.variables[${index}].expression`, expression, () => {
      throw problem
    })
  })
  return {
    errors: [
      ...checkMatchConditions('spec.matchConditions', spec.matchConditions, environmentOf(undefined)),
      ...ofVariables,
    ],
    environment: environmentOf(type),
  }
}

/** An expression that is not there is missed by other rules. */
function checkAt(path: string, expression: string | undefined, compile: () => unknown): FieldError[] {
  if (expression === undefined || expression.trim() === '') return []
  const problem = compileProblem(compile)
  return problem === undefined ? [] : [invalid(path, expression, problem)]
}

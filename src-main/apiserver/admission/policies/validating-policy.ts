/** A ValidatingAdmissionPolicy, compiled, and what it finds in a request. */
import type { Sliced } from '../../../lib/sliced.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '../../../api/types/admissionregistration-v1.ts'
import { compileTo, type Activation, type Program } from '../../cel/compile.ts'
import type { Environment } from '../../cel/environment.ts'
import { CostLimitError, EvaluationError } from '../../cel/errors.ts'
import { messageOr } from '../../cel/evaluation/message-expression.ts'
import type { Budget } from '../../cel/evaluation/meter.ts'
import { admissionEnvironment } from '../expressions/environment.ts'
import { compileBindingParts, compilePolicyParts, type BindingParts, type PolicyParts } from './compile-policy.ts'

export interface CompiledValidation {
  readonly source: Validation
  readonly program: Program
  readonly message: Program | undefined
}

export interface ValidatingPolicy extends PolicyParts {
  readonly validations: readonly CompiledValidation[]
  readonly annotations: readonly { readonly key: string; readonly program: Program }[]
}

export interface ValidatingBinding extends BindingParts {
  readonly actions: ReadonlySet<string>
}

export function validatingEnvironment(
  params: boolean,
): (variables: Parameters<typeof admissionEnvironment>[0]['variables']) => Environment {
  return (variables) =>
    admissionEnvironment({
      ...{ params, authorizer: true, namespaceObject: true },
      ...(variables === undefined ? {} : { variables }),
    })
}

export const compileExpression = (expression: string, env: Environment): Program =>
  compileTo(expression, env, ['bool'], 'must evaluate to bool')

export const compileMessage = (expression: string, env: Environment): Program =>
  compileTo(expression, env, ['string'], 'must evaluate to string')

export const compileAnnotation = ({ valueExpression }: AuditAnnotation, env: Environment): Program =>
  compileTo(valueExpression, env, ['string', 'null'], 'must evaluate to string or null_type')

export function compileValidatingPolicy(object: DynamicObject): ValidatingPolicy {
  const { metadata, spec = {} } = object as ValidatingAdmissionPolicy
  const parts = compilePolicyParts(metadata?.name ?? '', spec, validatingEnvironment(spec.paramKind !== undefined))
  const { environment } = parts
  return {
    ...parts,
    validations: (spec.validations ?? []).map((source) => ({
      source,
      program: compileExpression(source.expression, environment),
      message:
        source.messageExpression === undefined ? undefined : compileMessage(source.messageExpression, environment),
    })),
    annotations: (spec.auditAnnotations ?? []).map((annotation) => ({
      key: annotation.key,
      program: compileAnnotation(annotation, environment),
    })),
  }
}

export function compileValidatingBinding(object: DynamicObject): ValidatingBinding {
  const { spec } = object as unknown as ValidatingAdmissionPolicyBinding
  return { ...compileBindingParts(object), actions: new Set(spec.validationActions) }
}

/** What one validation found wrong. */
export interface Finding {
  readonly message: string
  readonly reason: string
  /** The place of the validation; undefined for what is wrong with the policy as a whole. */
  readonly index: number | undefined
}

export interface Findings {
  readonly failures: readonly Finding[]
  /** What could not be worked out: denies when the policy fails closed. */
  readonly errors: readonly Finding[]
  readonly annotations: readonly { readonly key: string; readonly value: string }[]
}

const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run'

/** Yields what each expression has cost. */
export function* runValidations(policy: ValidatingPolicy, activation: Activation, budget: Budget): Sliced<Findings> {
  const failures: Finding[] = []
  const errors: Finding[] = []
  for (const [index, validation] of policy.validations.entries()) {
    const before = budget.used
    const outcome = outcomeOf(validation.program, activation, budget)
    yield budget.used - before
    const reason = validation.source.reason ?? 'Invalid'
    if (outcome === true) continue
    if (outcome === false) {
      failures.push({ message: messageOf(validation, activation, budget), reason, index })
      continue
    }
    const [text, stops] = outcome
    errors.push({ message: `expression '${validation.source.expression}' resulted in error: ${text}`, reason, index })
    if (stops) break
  }
  return { failures, errors, annotations: annotationsOf(policy, activation, budget, errors) }
}

type Outcome = boolean | readonly [problem: string, stops: boolean]

function outcomeOf(program: Program, activation: Activation, budget: Budget): Outcome {
  try {
    return program.run(activation, budget) === true
  } catch (error) {
    if (error instanceof EvaluationError) return [error.message, false]
    if (error instanceof CostLimitError)
      return [error.limit === 'budget' ? outOfBudget : error.message, error.limit === 'budget']
    throw error
  }
}

/** The message of an expression, else the one that is written down. */
function messageOf({ source, message }: CompiledValidation, activation: Activation, budget: Budget): string {
  const written = source.message?.trim() ?? ''
  const fallback = written === '' ? `failed expression: ${source.expression.trim()}` : written
  return messageOr(fallback, message, activation, budget)
}

function annotationsOf(
  { annotations }: ValidatingPolicy,
  activation: Activation,
  budget: Budget,
  errors: Finding[],
): Findings['annotations'] {
  return annotations.flatMap(({ key, program }) => {
    try {
      const value = program.run(activation, budget)
      return typeof value === 'string' && value !== '' ? [{ key, value: value.slice(0, 10 * 1024) }] : []
    } catch (error) {
      if (!(error instanceof EvaluationError || error instanceof CostLimitError)) throw error
      errors.push({
        message: `valueExpression of ${key} resulted in error: ${error.message}`,
        reason: 'Invalid',
        index: undefined,
      })
      return []
    }
  })
}

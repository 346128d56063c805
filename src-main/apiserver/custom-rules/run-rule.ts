/** Runs one rule on one value, and says what is wrong in the words of Kubernetes. */
import { CostLimitError, EvaluationError } from '../cel/errors.ts'
import type { Activation } from '../cel/compile.ts'
import { messageOr } from '../cel/evaluation/message-expression.ts'
import type { Budget } from '../cel/evaluation/meter.ts'
import type { Type } from '../cel/types/type.ts'
import { fromJson } from '../cel/values/json.ts'
import { none, OptionalValue, type Value } from '../cel/values/value.ts'
import type { CompiledRule } from './compile-rule.ts'

export interface RuleInput {
  readonly value: unknown
  readonly old: unknown
  readonly type: Type
}

export type RuleOutcome =
  | { readonly kind: 'failed'; readonly message: string }
  /** It has no value. */
  | { readonly kind: 'error'; readonly message: string }
  /** Nothing else about this object will be run. */
  | { readonly kind: 'stopped'; readonly message: string }

/** Undefined: the value is as the rule wants it. */
export function runRule(rule: CompiledRule, { value, old, type }: RuleInput, budget: Budget): RuleOutcome | undefined {
  const optional = rule.source.optionalOldSelf === true
  const oldSelf = (): Value => {
    if (optional) return old === undefined ? none : new OptionalValue(fromJson(old, type))
    return fromJson(old, type)
  }
  const activation: Activation = (name) =>
    name === 'self' ? fromJson(value, type) : name === 'oldSelf' ? oldSelf() : undefined
  try {
    if (rule.program.run(activation, budget) === true) return undefined
    return { kind: 'failed', message: messageOf(rule, activation, budget) }
  } catch (error) {
    if (error instanceof CostLimitError) return { kind: 'stopped', message: limitText(error, rule) }
    if (error instanceof EvaluationError) return { kind: 'error', message: errorText(error, rule) }
    throw error
  }
}

const shown = ({ source }: CompiledRule): string => {
  const message = source.message?.trim() ?? ''
  return message === '' ? source.rule.trim() : message
}

function limitText({ limit, message }: CostLimitError, rule: CompiledRule): string {
  return limit === 'budget'
    ? 'validation failed due to running out of cost budget, no further validation rules will be run'
    : `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${shown(rule)}`
}

function errorText({ message }: EvaluationError, rule: CompiledRule): string {
  return message.startsWith('no such overload')
    ? `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${shown(rule)}`
    : `${message} evaluating rule: ${shown(rule)}`
}

/** The message of an expression, else the one that is written down. */
function messageOf({ source, message }: CompiledRule, activation: Activation, budget: Budget): string {
  const written = source.message?.trim() ?? ''
  const fallback = written === '' ? `failed rule: ${source.rule.trim()}` : written
  return messageOr(fallback, message, activation, budget)
}

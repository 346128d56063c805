/** One of the `x-kubernetes-validations` of a schema, compiled. */
import type { ValidationRule } from '../../api/types/apiextensions-v1.ts'
import { compileTo, type Program } from '../cel/compile.ts'
import { environment, type Environment } from '../cel/environment.ts'
import { optionalOf, type Type } from '../cel/types/type.ts'

export interface CompiledRule {
  readonly source: ValidationRule
  readonly program: Program
  readonly message: Program | undefined
  /** It compares with the old value: without one it is not asked, unless it says that it can do without. */
  readonly isTransition: boolean
}

export function ruleEnvironment(self: Type, { optionalOldSelf }: ValidationRule): Environment {
  return environment({ variables: { self, oldSelf: optionalOldSelf === true ? optionalOf(self) : self } })
}

/** Throws CompileError. */
export const compileRule = (rule: ValidationRule, env: Environment): Program =>
  compileTo(rule.rule, env, ['bool'], 'cel expression must evaluate to a bool')

/** Throws CompileError. */
export const compileRuleMessage = (expression: string, env: Environment): Program =>
  compileTo(expression, env, ['string'], 'messageExpression must evaluate to a string')

/** Throws CompileError: what was let in compiles. */
export function compiledRule(source: ValidationRule, self: Type): CompiledRule {
  const env = ruleEnvironment(self, source)
  const { messageExpression } = source
  const program = compileRule(source, env)
  return {
    ...{ source, program, isTransition: isTransition(program) },
    message: messageExpression === undefined ? undefined : compileRuleMessage(messageExpression, env),
  }
}

export const isTransition = ({ mentions }: Program): boolean => mentions.has('oldSelf')

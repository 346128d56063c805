/** What is doubtful in a policy, given the types of the objects that it is about: told in its status, never refused. */
import type { Kind } from '../../../api/define-kind.ts'
import { schemaOf } from '../../../api/schema/schema.ts'
import type {
  ExpressionWarning,
  NamedRuleWithOperations,
  ParamKind,
  ValidatingAdmissionPolicySpec,
} from '../../../api/types/admissionregistration-v1.ts'
import { CompileError } from '../../cel/errors.ts'
import { typeOfSchema } from '../../cel/types/from-type-schema.ts'
import { dyn, type Type } from '../../cel/types/type.ts'
import type { KindRegistry } from '../../kind-registry.ts'
import { admissionEnvironment } from '../expressions/environment.ts'
import type { PolicyEnvironment } from './compile-policy.ts'
import { compileVariables } from './policy-variables.ts'
import { compileExpression, compileMessage } from './validating-policy.ts'

/** For so many kinds a policy is checked, as Kubernetes does it. */
const kindLimit = 10

export function expressionWarnings(spec: ValidatingAdmissionPolicySpec, kinds: KindRegistry): ExpressionWarning[] {
  const checked = kindsOf(spec.matchConstraints?.resourceRules ?? [], kinds)
  const environments = checked.map((kind) => ({ kind, env: environmentFor(kind, spec, kinds) }))
  const warningsAt = (
    fieldRef: string,
    compile: (env: ReturnType<PolicyEnvironment>) => unknown,
  ): ExpressionWarning[] => {
    const problems = environments.flatMap(({ kind, env }) => {
      const problem = problemOf(() => compile(env))
      return problem === undefined ? [] : [`${kind.apiVersion}, Kind=${kind.kind}: ${problem}`]
    })
    return problems.length === 0 ? [] : [{ fieldRef, warning: problems.join('\n') }]
  }
  return (spec.validations ?? []).flatMap(({ expression, messageExpression }, index) => [
    ...warningsAt(`spec.validations[${index}].expression`, (env) => compileExpression(expression, env)),
    ...(messageExpression === undefined
      ? []
      : warningsAt(`spec.validations[${index}].messageExpression`, (env) => compileMessage(messageExpression, env))),
  ])
}

/** The kinds that the rules name; a star could be any. */
function kindsOf(rules: readonly NamedRuleWithOperations[], kinds: KindRegistry): Kind[] {
  const found = new Set<Kind>()
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    for (const group of apiGroups)
      for (const version of apiVersions)
        for (const resource of resources) {
          const kind = kinds.find(group, version, resource)
          if (kind !== undefined) found.add(kind)
        }
  }
  return [...found].slice(0, kindLimit)
}

function environmentFor(
  kind: Kind,
  spec: ValidatingAdmissionPolicySpec,
  kinds: KindRegistry,
): ReturnType<PolicyEnvironment> {
  const environmentOf: PolicyEnvironment = (variables) =>
    admissionEnvironment({
      ...{ params: spec.paramKind !== undefined, authorizer: true, namespaceObject: true },
      ...{ object: typeOfKind(kind), paramsType: typeOfParams(spec.paramKind, kinds) },
      ...(variables === undefined ? {} : { variables }),
    })
  return environmentOf(compileVariables(spec.variables, environmentOf).type)
}

function typeOfParams(paramKind: ParamKind | undefined, kinds: KindRegistry): Type {
  const kind = kinds.findByName(paramKind?.apiVersion ?? '', paramKind?.kind ?? '')
  return kind === undefined ? dyn : typeOfKind(kind)
}

function typeOfKind(kind: Kind): Type {
  const schema = schemaOf(kind)
  return schema === undefined ? dyn : typeOfSchema(schema)
}

function problemOf(compile: () => unknown): string | undefined {
  try {
    compile()
    return undefined
  } catch (error) {
    if (error instanceof CompileError) return error.message
    throw error
  }
}

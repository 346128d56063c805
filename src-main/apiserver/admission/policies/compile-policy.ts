/** What validating and mutating policies have in common once they are compiled. */
import type {
  MatchCondition,
  MatchResources,
  ParamKind,
  ParamRef,
  Variable,
} from '../../../api/types/admissionregistration-v1.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import type { Kind } from '../../../api/define-kind.ts'
import type { Activation, Program } from '../../cel/compile.ts'
import type { Environment } from '../../cel/environment.ts'
import type { Budget } from '../../cel/evaluation/meter.ts'
import type { Type } from '../../cel/types/type.ts'
import { fromJson } from '../../cel/values/json.ts'
import type { AdmissionContext, AdmissionRequest } from '../admission.ts'
import { admissionActivation } from '../expressions/activation.ts'
import { compileMatchConditions, type MatchConditions } from '../match/match-conditions.ts'
import { compileMatchResources, type ResourceMatcher } from '../match/match-resources.ts'
import { compileVariables, VariablesValue } from './policy-variables.ts'

/** The environment of a policy's expressions; `variables` is absent for its match conditions. */
export type PolicyEnvironment = (variables: Type | undefined) => Environment

interface PolicySpec {
  readonly failurePolicy?: string
  readonly matchConditions?: readonly MatchCondition[]
  readonly matchConstraints?: MatchResources
  readonly paramKind?: ParamKind
  readonly variables?: readonly Variable[]
}

export interface PolicyParts {
  readonly name: string
  /** An error denies the request; otherwise it is passed over. */
  readonly failsClosed: boolean
  readonly matcher: ResourceMatcher
  readonly conditions: MatchConditions
  readonly paramKind: ParamKind | undefined
  readonly variables: ReadonlyMap<string, Program>
  /** For the expressions that see the variables. */
  readonly environment: Environment
}

/** Throws CompileError and SelectorError for what validation would not have let in. */
export function compilePolicyParts(name: string, spec: PolicySpec, environmentOf: PolicyEnvironment): PolicyParts {
  const variables = compileVariables(spec.variables, environmentOf)
  const [problem] = variables.problems.values()
  if (problem !== undefined) throw problem
  return {
    name,
    failsClosed: spec.failurePolicy !== 'Ignore',
    matcher: compileMatchResources(spec.matchConstraints ?? {}),
    conditions: compileMatchConditions(spec.matchConditions, environmentOf(undefined)),
    paramKind: spec.paramKind,
    variables: variables.programs,
    environment: environmentOf(variables.type),
  }
}

export interface BindingParts {
  readonly name: string
  readonly policyName: string
  readonly matcher: ResourceMatcher
  readonly paramRef: ParamRef | undefined
}

interface BindingSpec {
  readonly matchResources?: MatchResources
  readonly paramRef?: ParamRef
  readonly policyName?: string
}

export function compileBindingParts({ metadata, spec = {} }: DynamicObject & { spec?: BindingSpec }): BindingParts {
  const { policyName = '', matchResources = {}, paramRef } = spec
  return { name: metadata?.name ?? '', policyName, matcher: compileMatchResources(matchResources), paramRef }
}

/** The variables for one request, one binding and one parameter object. */
export function policyActivation(
  policy: PolicyParts,
  request: AdmissionRequest,
  kind: Kind,
  params: DynamicObject | null,
  context: AdmissionContext,
  budget: Budget,
): Activation {
  const base = admissionActivation(request, kind, context)
  const values = fromJson(params)
  const activation: Activation = (name) => (name === 'params' ? values : name === 'variables' ? variables : base(name))
  const variables = new VariablesValue(policy.variables, activation, budget)
  return activation
}

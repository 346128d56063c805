/** The plugin that asks the ValidatingAdmissionPolicies. */
import { inSlices, type Sliced } from '../../../lib/sliced.ts'
import { forbiddenRequest, StatusError, type StatusReason } from '../../../api/errors.ts'
import { Budget, objectBudget } from '../../cel/evaluation/meter.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { withForms } from '../seen-as.ts'
import { sliceUnits } from '../../cel/evaluation/meter.ts'
import { isExemptFromPolicies } from '../match/exempt.ts'
import { policyActivation } from './compile-policy.ts'
import { paramsOf } from './params.ts'
import { indexPerCache } from './policy-index.ts'
import {
  compileValidatingBinding,
  compileValidatingPolicy,
  runValidations,
  type Finding,
  type Findings,
  type ValidatingBinding,
  type ValidatingPolicy,
} from './validating-policy.ts'

const indexOf = indexPerCache<ValidatingPolicy, ValidatingBinding>({
  policies: 'admissionregistration.k8s.io/validatingadmissionpolicies',
  bindings: 'admissionregistration.k8s.io/validatingadmissionpolicybindings',
  compilePolicy: compileValidatingPolicy,
  compileBinding: compileValidatingBinding,
  policyName: ({ policyName }) => policyName,
})

export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  validate(request, context) {
    const policies = indexOf(context.cache).policies()
    if (policies.length === 0 || isExemptFromPolicies(request.kind)) return
    const judgeAll = (seen: AdmissionRequest): void | Promise<void> =>
      inSlices(judged(policies, seen, context), sliceUnits, context.nextTurn)
    const kinds = policies.flatMap(({ policy }) => policy.matcher.match(request, context) ?? [])
    const waiting = withForms(request, kinds, context.conversion)
    return waiting === undefined ? judgeAll(request) : waiting.then(judgeAll)
  },
}

type Policies = readonly { readonly policy: ValidatingPolicy; readonly bindings: readonly ValidatingBinding[] }[]

/** Throws the StatusError that refuses the request. */
function* judged(policies: Policies, request: AdmissionRequest, context: AdmissionContext): Sliced<void> {
  const denials: Denial[] = []
  const notes = new Notes()
  for (const { policy, bindings } of policies) yield* judge(policy, bindings, request, context, denials, notes)
  notes.write(request)
  const [first] = denials
  if (first !== undefined) throw denied(request, first)
}

interface Denial {
  readonly message: string
  readonly reason: string
}

function* judge(
  policy: ValidatingPolicy,
  bindings: readonly ValidatingBinding[],
  request: AdmissionRequest,
  context: AdmissionContext,
  denials: Denial[],
  notes: Notes,
): Sliced<void> {
  const kind = policy.matcher.match(request, context)
  if (kind === undefined) return
  for (const binding of bindings) {
    if (binding.matcher.match(request, context) === undefined) continue
    const about = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`
    const deny = ({ message, reason }: Denial): void =>
      void denials.push({ message: `${about} denied request: ${message}`, reason })
    const params = paramsOf(policy.paramKind, binding.paramRef, request.namespace, context)
    if ('problem' in params) {
      if (policy.failsClosed) deny({ message: `failed to configure binding: ${params.problem}`, reason: 'Invalid' })
      continue
    }
    for (const object of params.objects) {
      const budget = new Budget(objectBudget)
      const activation = policyActivation(policy, request, kind, object, context, budget)
      const matched = policy.conditions.evaluateWith(activation)
      if (matched.result === 'no-match') continue
      if (matched.result === 'error') {
        if (policy.failsClosed) deny({ message: matched.message, reason: 'Invalid' })
        continue
      }
      act(yield* runValidations(policy, activation, budget), policy, binding, request, about, deny, notes)
    }
  }
}

function act(
  { failures, errors, annotations }: Findings,
  policy: ValidatingPolicy,
  binding: ValidatingBinding,
  request: AdmissionRequest,
  about: string,
  deny: (denial: Denial) => void,
  notes: Notes,
): void {
  for (const error of policy.failsClosed ? errors : []) deny(error)
  for (const failure of failures) {
    if (binding.actions.has('Deny')) deny(failure)
    if (binding.actions.has('Warn')) request.warn(`Validation failed for ${about}: ${failure.message}`)
    if (binding.actions.has('Audit')) notes.failed(policy, binding, failure)
  }
  for (const { key, value } of annotations) notes.note(`${policy.name}/${key}`, value)
}

/** What the audit record is told of a request, once all policies have spoken. */
class Notes {
  private readonly values = new Map<string, string[]>()
  private readonly failures: object[] = []

  failed(policy: ValidatingPolicy, binding: ValidatingBinding, { message, index }: Finding): void {
    this.failures.push({
      ...{ message, policy: policy.name, binding: binding.name, expressionIndex: index },
      validationActions: [...binding.actions],
    })
  }

  /** The same key may come of several bindings. */
  note(key: string, value: string): void {
    const known = this.values.get(key)
    if (known === undefined) this.values.set(key, [value])
    else if (!known.includes(value)) known.push(value)
  }

  write(request: AdmissionRequest): void {
    for (const [key, values] of this.values) request.annotate?.(key, values.join(', '))
    if (this.failures.length > 0)
      request.annotate?.('validation.policy.admission.k8s.io/validation_failure', JSON.stringify(this.failures))
  }
}

const codes: Readonly<Record<string, number>> = {
  ...{ Unauthorized: 401, Forbidden: 403, RequestEntityTooLarge: 413, Invalid: 422 },
}

function denied({ kind, name }: AdmissionRequest, { message, reason }: Denial): StatusError {
  const forbidden = forbiddenRequest(kind, name, message)
  const known = Object.hasOwn(codes, reason) ? reason : 'Invalid'
  return new StatusError(codes[known] ?? 422, known as StatusReason, forbidden.message, {
    ...forbidden.details,
    causes: [{ message }],
  })
}

/** The plugin that lets the MutatingAdmissionPolicies change what is written. */
import type { Kind } from '../../../api/define-kind.ts'
import { forbiddenRequest, StatusError } from '../../../api/errors.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import { CostLimitError, EvaluationError } from '../../cel/errors.ts'
import { Budget, objectBudget } from '../../cel/evaluation/meter.ts'
import { copyPlain, samePlain } from '../../registry/plain.ts'
import { applyDefaults, checkAgainstSchema } from '../../registry/schema-steps.ts'
import { draftInVersion } from '../../registry/versions.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { seenAs } from '../seen-as.ts'
import { isExemptFromPolicies } from '../match/exempt.ts'
import { policyActivation, type BindingParts } from './compile-policy.ts'
import { patched } from './make-patch.ts'
import { compileMutatingBinding, compileMutatingPolicy, type MutatingPolicy } from './mutating-policy.ts'
import { paramsOf } from './params.ts'
import { indexPerCache } from './policy-index.ts'

const indexOf = indexPerCache<MutatingPolicy, BindingParts>({
  policies: 'admissionregistration.k8s.io/mutatingadmissionpolicies',
  bindings: 'admissionregistration.k8s.io/mutatingadmissionpolicybindings',
  compilePolicy: compileMutatingPolicy,
  compileBinding: compileMutatingBinding,
  policyName: ({ policyName }) => policyName,
})

/** Objects that have been through here: in a second round only those policies run that want to. */
const seen = new WeakSet<DynamicObject>()

export const mutatingAdmissionPolicy: AdmissionPlugin = {
  name: 'MutatingAdmissionPolicy',
  mutate(request, context) {
    const policies = indexOf(context.cache).policies()
    if (policies.length === 0 || isExemptFromPolicies(request.kind)) return
    const isSecond = seen.has(request.object)
    seen.add(request.object)
    const first = policies.filter(({ policy }) => !isSecond || policy.runsAgain)
    const changes = first.map(({ policy, bindings }) => mutateBy(policy, bindings, request, context))
    if (isSecond) return
    // What was changed after a policy has run may concern it.
    const last = changes.lastIndexOf(true)
    for (const { policy, bindings } of first.slice(0, Math.max(last, 0)))
      if (policy.runsAgain) mutateBy(policy, bindings, request, context)
  },
}

/** Whether anything was changed. */
function mutateBy(
  policy: MutatingPolicy,
  bindings: readonly BindingParts[],
  request: AdmissionRequest,
  context: AdmissionContext,
): boolean {
  const kind = policy.matcher.match(request, context)
  if (kind === undefined) return false
  const before = copyPlain(request.object)
  for (const binding of bindings) {
    if (binding.matcher.match(request, context) === undefined) continue
    try {
      mutateWith(policy, binding, request, kind, context)
    } catch (error) {
      const expected =
        error instanceof EvaluationError || error instanceof CostLimitError || error instanceof StatusError
      if (!expected) throw error
      if (policy.failsClosed) throw refused(policy, binding, request, error.message)
    }
  }
  return !samePlain(before, request.object)
}

function mutateWith(
  policy: MutatingPolicy,
  binding: BindingParts,
  request: AdmissionRequest,
  kind: Kind,
  context: AdmissionContext,
): void {
  const params = paramsOf(policy.paramKind, binding.paramRef, request.namespace, context)
  if ('problem' in params) throw new EvaluationError(`failed to configure binding: ${params.problem}`)
  for (const object of params.objects) {
    const budget = new Budget(objectBudget)
    const matched = policy.conditions.evaluateWith(policyActivation(policy, request, kind, object, context, budget))
    if (matched.result === 'no-match') continue
    if (matched.result === 'error') throw new EvaluationError(matched.message)
    for (const mutation of policy.mutations) {
      // Each mutation sees what the one before it has done.
      const activation = policyActivation(policy, request, kind, object, context, budget)
      const patch = mutation.program.run(activation, budget)
      const current = seenAs(request, request.object, kind)
      const changed = patched(copyPlain(current), mutation, patch, request.objectKind ?? kind)
      take(request, current === request.object ? changed : draftInVersion(changed, request.kind))
    }
  }
}

/** The draft becomes the changed object; what names it stays. Throws a StatusError when it is no such object any more. */
function take(request: AdmissionRequest, changed: DynamicObject): void {
  const { kind, objectKind, object: draft } = request
  const { name, namespace, uid, resourceVersion } = draft.metadata ?? {}
  const own = Object.entries({ name, namespace, uid, resourceVersion }).filter(([, value]) => value !== undefined)
  const next = checkAgainstSchema(objectKind ?? kind, copyPlain(changed), 'Ignore', () => undefined)
  if (draft.metadata !== undefined) next.metadata = { ...next.metadata, ...Object.fromEntries(own) }
  if (objectKind === undefined) applyDefaults(kind, next)
  for (const field of Object.keys(draft)) Reflect.deleteProperty(draft, field)
  Object.assign(draft, next)
  request.altered?.()
}

function refused(
  policy: MutatingPolicy,
  binding: BindingParts,
  request: AdmissionRequest,
  problem: string,
): StatusError {
  const message = `policy '${policy.name}' with binding '${binding.name}' denied request: ${problem}`
  const { message: text, details } = forbiddenRequest(request.kind, request.name, message)
  return new StatusError(422, 'Invalid', text, { ...details, causes: [{ message }] })
}

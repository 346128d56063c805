/** Asks the configured webhooks about a request: mutating ones one after the other, validating ones all at once. */
import type { Kind } from '../../api/define-kind.ts'
import { forbiddenRequest, internalError } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import type { ExpressionSources } from '../admission/expressions/activation.ts'
import { isExempt } from '../admission/match/exempt.ts'
import type { MatchSources } from '../admission/match/match-resources.ts'
import { convert } from '../registry/versions.ts'
import { callWebhook, type CallParts } from './call-webhook.ts'
import { takePatch } from './take-patch.ts'
import { Reinvocation } from './reinvocation.ts'
import type { ReviewSubject } from './review.ts'
import { WebhookIndex, type Webhook } from './webhook-index.ts'

export interface AdmissionWebhooks {
  /** Undefined when no webhook is about the request: it then waits for nothing. */
  mutate(request: AdmissionRequest): Promise<void> | undefined
  /** Mutating webhooks of an operation in which there is nothing to change: they may still refuse it. */
  ask(request: AdmissionRequest): Promise<void> | undefined
  validate(request: AdmissionRequest): Promise<void> | undefined
}

type Sources = MatchSources & ExpressionSources

export interface AdmissionWebhookOptions extends CallParts, Sources {}

interface Matched {
  readonly webhook: Webhook
  readonly kind: Kind
}

const group = 'admissionregistration.k8s.io'

export function createAdmissionWebhooks(options: AdmissionWebhookOptions): AdmissionWebhooks {
  const { cache } = options
  const mutating = new WebhookIndex(cache.resource(`${group}/mutatingwebhookconfigurations`))
  const validating = new WebhookIndex(cache.resource(`${group}/validatingwebhookconfigurations`))
  /** Of one write's draft: what its two rounds know of each other. */
  const reinvocations = new WeakMap<DynamicObject, Reinvocation>()
  const reinvocationOf = (draft: DynamicObject): Reinvocation => {
    const known = reinvocations.get(draft) ?? new Reinvocation()
    reinvocations.set(draft, known)
    return known
  }
  return {
    mutate(request) {
      const webhooks = mutating.all()
      if (webhooks.length === 0 || isExempt(request.kind)) return undefined
      if (!webhooks.some((webhook) => chosen(webhook, request, options) !== undefined)) return undefined
      return mutateInTurn(options, webhooks, request, reinvocationOf(request.object))
    },
    ask(request) {
      const matched = matching(mutating, request, options)
      return matched.length === 0 ? undefined : askInTurn(options, matched, request)
    },
    validate(request) {
      const matched = matching(validating, request, options)
      return matched.length === 0 ? undefined : askAtOnce(options, matched, request)
    },
  }
}

function matching(index: WebhookIndex, request: AdmissionRequest, sources: Sources): Matched[] {
  const webhooks = index.all()
  if (webhooks.length === 0 || isExempt(request.kind)) return []
  return webhooks.flatMap((webhook) => {
    const kind = chosen(webhook, request, sources)
    return kind === undefined ? [] : [{ webhook, kind }]
  })
}

/**
 * The kind through which a webhook is to be asked; undefined: it is not. Throws Forbidden when its conditions cannot say
 * whether it is, unless it may fail.
 */
function chosen(webhook: Webhook, request: AdmissionRequest, sources: Sources): Kind | undefined {
  const kind = webhook.match(request, sources)
  if (kind === undefined) return undefined
  const outcome = webhook.conditions.evaluate(request, kind, sources)
  if (outcome.result === 'match') return kind
  if (outcome.result === 'no-match' || webhook.failOpen) return undefined
  throw forbiddenRequest(request.kind, request.name, outcome.message)
}

/** Each webhook sees, and is chosen by, what those before it have made of the object. */
async function mutateInTurn(
  options: AdmissionWebhookOptions,
  webhooks: readonly Webhook[],
  request: AdmissionRequest,
  reinvocation: Reinvocation,
): Promise<void> {
  const again = request.runAgain === undefined
  if (again) reinvocation.begin(request.object)
  for (const webhook of webhooks) {
    if (again && !reinvocation.includes(webhook.id)) continue
    const kind = chosen(webhook, request, options)
    if (kind === undefined) continue
    const verdict = await callWebhook(options, webhook, 'admit', subjectOf(request, kind))
    if (verdict?.patch !== undefined && takePatch(request, kind, verdict.patch)) {
      reinvocation.changed()
      request.runAgain?.()
    }
    if (webhook.reinvoked) reinvocation.called(webhook.id)
  }
  reinvocation.end(request.object)
}

async function askInTurn(options: CallParts, matched: readonly Matched[], request: AdmissionRequest): Promise<void> {
  for (const { webhook, kind } of matched) {
    const verdict = await callWebhook(options, webhook, 'admit', subjectOf(request, kind))
    if (verdict?.patch !== undefined)
      throw internalError(
        `admission webhook ${JSON.stringify(webhook.name)} attempted to modify the object, which is not supported for this operation`,
      )
  }
}

/** All of them are heard, and the first in their order that refuses is the answer. */
async function askAtOnce(options: CallParts, matched: readonly Matched[], request: AdmissionRequest): Promise<void> {
  const outcomes = await Promise.allSettled(
    matched.map(({ webhook, kind }) => callWebhook(options, webhook, 'validating', subjectOf(request, kind))),
  )
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

/** A deletion has no new object; a creation has no old one. */
function subjectOf(request: AdmissionRequest, kind: Kind): ReviewSubject {
  const { operation, object, previous } = request
  const seen = (one: DynamicObject): DynamicObject => (kind === request.kind ? one : convert(one, kind))
  return {
    ...{ request, kind },
    object: operation === 'DELETE' ? undefined : seen(object),
    previous: previous === undefined ? undefined : seen(previous),
  }
}

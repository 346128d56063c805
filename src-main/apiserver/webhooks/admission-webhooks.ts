/** Asks the configured webhooks about a request: mutating ones one after the other, validating ones all at once. */
import type { Kind } from '../../api/define-kind.ts'
import { forbiddenRequest, internalError } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import type { ExpressionSources } from '../admission/expressions/activation.ts'
import { isExempt } from '../admission/match/exempt.ts'
import type { MatchSources } from '../admission/match/match-resources.ts'
import { seenAs, withForms } from '../admission/seen-as.ts'
import type { CustomConversion } from '../custom/conversion.ts'
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

type Sources = MatchSources & ExpressionSources & { readonly conversion: CustomConversion }

export type AdmissionWebhookOptions = CallParts & Sources

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
      const about = mutating.all()
      if (about.length === 0 || isExempt(request.kind)) return undefined
      if (!about.some((webhook) => webhook.match(request, options) !== undefined)) return undefined
      return mutateInTurn(options, about, request, reinvocationOf(request.object))
    },
    ask: (request) => askChosen(mutating, request, options, askInTurn),
    validate: (request) => askChosen(validating, request, options, askAtOnce),
  }
}

type Ask = (options: CallParts, chosen: readonly Matched[], request: AdmissionRequest) => Promise<void>

/** Undefined when no webhook is to be asked, which is the usual case and waits for nothing. */
function askChosen(
  index: WebhookIndex,
  request: AdmissionRequest,
  options: AdmissionWebhookOptions,
  ask: Ask,
): Promise<void> | undefined {
  const webhooks = index.all()
  if (webhooks.length === 0 || isExempt(request.kind)) return undefined
  const matched = webhooks.flatMap((webhook) => {
    const kind = webhook.match(request, options)
    return kind === undefined ? [] : [{ webhook, kind }]
  })
  if (matched.length === 0) return undefined
  const askAll = (seen: AdmissionRequest): Promise<void> | undefined => {
    const chosen = matched.filter(({ webhook, kind }) => isChosen(webhook, kind, seen, options))
    return chosen.length === 0 ? undefined : ask(options, chosen, seen)
  }
  const kinds = matched.map(({ kind }) => kind)
  const waiting = withForms(request, kinds, options.conversion)
  return waiting === undefined ? askAll(request) : waiting.then(askAll)
}

/**
 * Whether a webhook whose rules match is to be asked. Throws Forbidden when its conditions cannot say so, unless it may
 * fail.
 */
function isChosen(webhook: Webhook, kind: Kind, request: AdmissionRequest, sources: Sources): boolean {
  const outcome = webhook.conditions.evaluate(request, kind, sources)
  if (outcome.result === 'match') return true
  if (outcome.result === 'no-match' || webhook.failOpen) return false
  throw forbiddenRequest(request.kind, request.name, outcome.message)
}

/** Each webhook sees, and is chosen by, what those before it have made of the object. */
async function mutateInTurn(
  options: AdmissionWebhookOptions,
  webhooks: readonly Webhook[],
  request: AdmissionRequest,
  reinvocation: Reinvocation,
): Promise<void> {
  const { conversion } = options
  const again = request.runAgain === undefined
  if (again) reinvocation.begin(request.object)
  for (const webhook of webhooks) {
    if (again && !reinvocation.includes(webhook.id)) continue
    const kind = webhook.match(request, options)
    if (kind === undefined) continue
    const seen = (await withForms(request, [kind], conversion)) ?? request
    if (!isChosen(webhook, kind, seen, options)) continue
    const verdict = await callWebhook(options, webhook, 'admit', subjectOf(seen, kind))
    if (verdict?.patch !== undefined && (await takePatch(seen, kind, verdict.patch, conversion))) {
      reinvocation.changed()
      request.altered?.()
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
  const seen = (one: DynamicObject): DynamicObject => seenAs(request, one, kind)
  return {
    ...{ request, kind },
    object: operation === 'DELETE' ? undefined : seen(object),
    previous: previous === undefined ? undefined : seen(previous),
  }
}

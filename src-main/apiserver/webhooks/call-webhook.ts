/** One question to one webhook, and what its answer or its silence means for the request. */
import { badRequest, internalError, StatusError, type StatusReason } from '../../api/errors.ts'
import type { Clock } from '../../lib/clock.ts'
import { describeError, type Log } from '../../lib/log.ts'
import type { Random } from '../../lib/random.ts'
import { InvalidReviewError, reviewOf, verdictOf, type ReviewSubject, type Verdict } from './review.ts'
import { WebhookError, type WebhookClient } from './webhook-client.ts'
import type { Webhook } from './webhook-index.ts'
import type { WebhookMetrics } from './webhook-metrics.ts'

export interface CallParts {
  readonly client: WebhookClient
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: WebhookMetrics
}

export type WebhookType = 'admit' | 'validating'

/**
 * The verdict of a webhook that allows the request; undefined when it could not be asked and that may be. Rejects with
 * the StatusError that refuses the request.
 */
export async function callWebhook(
  { client, clock, random, log, metrics }: CallParts,
  webhook: Webhook,
  type: WebhookType,
  subject: ReviewSubject,
): Promise<Verdict | undefined> {
  const { request } = subject
  const { operation } = request
  if (request.dryRun && !webhook.dryRuns)
    throw badRequest(`admission webhook ${JSON.stringify(webhook.name)} does not support dry run`)
  const uid = random.uuid()
  const started = clock.monotonic()
  const about = { name: webhook.name, type, operation }
  let verdict: Verdict
  try {
    const answer = await client.post(webhook.clientConfig, reviewOf(subject, uid), webhook.timeoutMs, request.signal)
    verdict = verdictOf(answer, uid, type === 'admit')
  } catch (error) {
    if (!(error instanceof WebhookError || error instanceof InvalidReviewError)) throw error
    const seconds = (clock.monotonic() - started) / 1000
    const code = error instanceof WebhookError ? (error.status ?? 0) : 200
    metrics.called(about, seconds, !webhook.failOpen, code)
    const reason = failureOf(webhook.name, error)
    if (webhook.failOpen) {
      metrics.failedOpen(about)
      log.warn('a webhook failed and is passed over, as its failure policy says', { error: reason })
      return undefined
    }
    metrics.rejected(about, 'calling_webhook_error', 0)
    throw Object.assign(internalError(reason), { cause: error })
  }
  metrics.called(about, (clock.monotonic() - started) / 1000, !verdict.allowed, 200)
  for (const warning of verdict.warnings) request.warn(warning)
  for (const [key, value] of Object.entries(verdict.auditAnnotations))
    request.annotate?.(`${webhook.name}/${key}`, value)
  if (verdict.allowed) return verdict
  const refusal = refusalOf(webhook.name, verdict)
  metrics.rejected(about, 'no_error', refusal.code)
  throw refusal
}

function failureOf(name: string, error: WebhookError | InvalidReviewError): string {
  const what = error instanceof WebhookError ? 'failed to call webhook' : 'received invalid webhook response'
  return `failed calling webhook ${JSON.stringify(name)}: ${what}: ${describeError(onlyWords(error))}`
}

/** The cause says the same again. */
const onlyWords = (error: Error): Error => new Error(error.message)

/** The webhook's own words and code, as long as they say no. */
function refusalOf(name: string, { status = {} }: Verdict): StatusError {
  const { message = '', reason = '', code = 0, details } = status
  const words = message === '' ? reason : message
  const text = `admission webhook ${JSON.stringify(name)} denied the request${words === '' ? ' without explanation' : `: ${words}`}`
  const refused = code >= 400 && code <= 599 ? code : 403
  return new StatusError(
    refused,
    reason === '' && refused === 403 ? 'Forbidden' : (reason as StatusReason),
    text,
    details,
  )
}

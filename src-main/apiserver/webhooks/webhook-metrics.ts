/** What is counted of webhooks, under Kubernetes' own names. */
import type { MetricRegistry } from '../metrics.ts'

export interface CalledWebhook {
  readonly name: string
  readonly type: string
  readonly operation: string
}

export interface WebhookMetrics {
  called(webhook: CalledWebhook, seconds: number, rejected: boolean, code: number): void
  rejected(webhook: CalledWebhook, error: 'calling_webhook_error' | 'no_error', code: number): void
  failedOpen(webhook: CalledWebhook): void
}

const durationBoundsSeconds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25]
const prefix = 'apiserver_admission_webhook'

export function createWebhookMetrics(registry: MetricRegistry): WebhookMetrics {
  const duration = registry.histogram(
    `${prefix}_admission_duration_seconds`,
    'Time that an admission webhook took to answer.',
    durationBoundsSeconds,
  )
  const total = registry.counter(`${prefix}_request_total`, 'Questions to admission webhooks by how they ended.')
  const rejections = registry.counter(`${prefix}_rejection_count`, 'Requests that an admission webhook has refused.')
  const open = registry.counter(`${prefix}_fail_open_count`, 'Requests that passed because a webhook failed.')
  return {
    called({ name, type, operation }, seconds, rejected, code) {
      const labels = { name, type, operation, rejected: String(rejected) }
      duration.observe(seconds, labels)
      total.add(1, { ...labels, code: String(code) })
    },
    rejected({ name, type, operation }, error, code) {
      rejections.add(1, { name, type, operation, error_type: error, rejection_code: String(code) })
    },
    failedOpen: ({ name, type }) => open.add(1, { name, type }),
  }
}

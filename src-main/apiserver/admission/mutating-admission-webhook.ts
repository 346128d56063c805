/** Webhooks that may change what is written, and refuse it. */
import type { AdmissionPlugin } from './admission.ts'

export const mutatingAdmissionWebhook: AdmissionPlugin = {
  name: 'MutatingAdmissionWebhook',
  mutate: (request, { webhooks }) => webhooks.mutate(request),
  validate: (request, { webhooks }) =>
    request.operation === 'DELETE' || request.operation === 'CONNECT' ? webhooks.ask(request) : undefined,
}

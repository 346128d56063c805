/** Webhooks that see what is to be stored, and may refuse it. */
import type { AdmissionPlugin } from './admission.ts'

export const validatingAdmissionWebhook: AdmissionPlugin = {
  name: 'ValidatingAdmissionWebhook',
  validate: (request, { webhooks }) => webhooks.validate(request),
}

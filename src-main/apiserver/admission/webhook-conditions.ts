/** The match conditions of webhooks must compile; those that are stored already may stay as they are. */
import { invalidObject } from '../../api/errors.ts'
import type { MutatingWebhook, MutatingWebhookConfiguration } from '../../api/types/admissionregistration-v1.ts'
import { samePlain } from '../registry/plain.ts'
import type { AdmissionPlugin } from './admission.ts'
import { checkMatchConditions } from './match/match-conditions.ts'

const plurals: ReadonlySet<string> = new Set(['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'])

export const webhookConditions: AdmissionPlugin = {
  name: 'WebhookConditions',
  validate({ operation, kind, name, object, previous }) {
    if (operation === 'DELETE' || kind.group !== 'admissionregistration.k8s.io' || !plurals.has(kind.plural)) return
    const before = new Map(webhooksOf(previous).map((webhook) => [webhook.name, webhook.matchConditions]))
    const errors = webhooksOf(object).flatMap(({ name: webhook, matchConditions }, index) =>
      samePlain(matchConditions, before.get(webhook))
        ? []
        : checkMatchConditions(`webhooks[${index}].matchConditions`, matchConditions),
    )
    if (errors.length > 0) throw invalidObject(kind, name, errors)
  },
}

const webhooksOf = (object: object | undefined): readonly MutatingWebhook[] =>
  ((object ?? {}) as MutatingWebhookConfiguration).webhooks ?? []

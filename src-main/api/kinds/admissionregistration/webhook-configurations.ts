/** The two kinds of webhook configurations, which differ in one field. */
import { defineKind, type Column } from '../../define-kind.ts'
import type {
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../types/admissionregistration-v1.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'
import { validateWebhooks } from './webhook-validation.ts'

const columns: readonly Column<ValidatingWebhookConfiguration>[] = [
  nameColumn,
  column('Webhooks', 'integer', ({ webhooks = [] }) => webhooks.length),
  ageColumn,
]

function defaultWebhook(draft: ValidatingWebhook): void {
  draft.failurePolicy ??= 'Fail'
  draft.matchPolicy ??= 'Equivalent'
  draft.namespaceSelector ??= {}
  draft.objectSelector ??= {}
  draft.timeoutSeconds ??= 10
  for (const rule of draft.rules ?? []) rule.scope ??= '*'
  if (draft.clientConfig?.service !== undefined) draft.clientConfig.service.port ??= 443
}

const names = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  categories: ['api-extensions'],
  scope: 'Cluster',
  ownColumns: true,
  updatesNeedVersion: true,
} as const

export const validatingWebhookConfiguration = defineKind<ValidatingWebhookConfiguration>({
  ...names,
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  columns,
  defaults({ webhooks }) {
    for (const webhook of webhooks ?? []) defaultWebhook(webhook)
  },
  validate: ({ webhooks }) => validateWebhooks(webhooks),
  prepareCreate: startGeneration,
})

export const mutatingWebhookConfiguration = defineKind<MutatingWebhookConfiguration>({
  ...names,
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  columns,
  defaults({ webhooks }) {
    for (const webhook of webhooks ?? []) {
      defaultWebhook(webhook)
      webhook.reinvocationPolicy ??= 'Never'
    }
  },
  validate: ({ webhooks }) => validateWebhooks(webhooks),
  prepareCreate: startGeneration,
})

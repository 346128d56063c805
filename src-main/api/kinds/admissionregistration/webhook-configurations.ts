/** The two kinds of webhook configurations, which differ in one field. */
import { defineKind, type Column } from '../../define-kind.ts'
import { duplicate, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, problemsAt } from '../../meta/field-checks.ts'
import { dnsSubdomainProblems } from '../../meta/names.ts'
import type {
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../types/admissionregistration-v1.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

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

function validateWebhooks(webhooks: readonly ValidatingWebhook[] | undefined): FieldError[] {
  const names = new Set<string>()
  return checkEach('webhooks', webhooks, (webhook, path) => {
    const { name = '', clientConfig, timeoutSeconds = 10, admissionReviewVersions = [] } = webhook
    const errors = problemsAt(`${path}.name`, name, dnsSubdomainProblems(name))
    if (name.split('.').length < 3) {
      errors.push(invalid(`${path}.name`, name, 'should be a domain with at least three segments separated by dots'))
    }
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
    names.add(name)
    if ((clientConfig?.url === undefined) === (clientConfig?.service === undefined)) {
      errors.push(required(`${path}.clientConfig`, 'exactly one of url or service is required'))
    }
    if (timeoutSeconds < 1 || timeoutSeconds > 30) {
      const words = `the timeout value must be between 1 and 30 seconds`
      errors.push(invalid(`${path}.timeoutSeconds`, timeoutSeconds, words))
    }
    if (admissionReviewVersions.length === 0) {
      errors.push(required(`${path}.admissionReviewVersions`, 'must specify one of v1, v1beta1'))
    }
    return [
      ...errors,
      ...checkOneOf(`${path}.sideEffects`, webhook.sideEffects, ['None', 'NoneOnDryRun']),
      ...checkOneOf(`${path}.failurePolicy`, webhook.failurePolicy, ['Fail', 'Ignore']),
      ...checkOneOf(`${path}.matchPolicy`, webhook.matchPolicy, ['Equivalent', 'Exact']),
    ]
  })
}

const names = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  categories: ['api-extensions'],
  scope: 'Cluster',
  ownColumns: true,
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

/** What is wrong with the webhooks of a configuration. */
import { duplicate, invalid, required, tooMany, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, checkOptionalOneOf, checkRequired, problemsAt } from '../../meta/field-checks.ts'
import { dnsSubdomainProblems, qualifiedNameProblems } from '../../meta/names.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import { repeats } from '../../meta/repeats.ts'
import type { MatchCondition, MutatingWebhook, ValidatingWebhook } from '../../types/admissionregistration-v1.ts'
import { validateClientConfig } from './client-config.ts'
import { validateRule } from './rule-validation.ts'

const conditionsLimit = 64
const longestSeconds = 30
/** The versions of AdmissionReview that this server speaks. */
const reviewVersions: readonly string[] = ['v1']

export function validateWebhooks(webhooks: readonly (ValidatingWebhook | MutatingWebhook)[] | undefined): FieldError[] {
  const names = new Set<string>()
  return checkEach('webhooks', webhooks, (webhook, path) => {
    const { name = '' } = webhook
    const repeated = names.has(name) ? [duplicate(`${path}.name`, name)] : []
    names.add(name)
    return [...validateName(`${path}.name`, name), ...repeated, ...validateWebhook(webhook, path)]
  })
}

function validateName(path: string, name: string): FieldError[] {
  if (name === '') return [required(path)]
  const problems = dnsSubdomainProblems(name)
  if (problems.length > 0) return problemsAt(path, name, problems)
  if (name.split('.').length >= 3) return []
  return [invalid(path, name, 'should be a domain with at least three segments separated by dots')]
}

function validateWebhook(webhook: ValidatingWebhook | MutatingWebhook, path: string): FieldError[] {
  const { timeoutSeconds = 10 } = webhook
  const timeout = `the timeout value must be between 1 and ${longestSeconds} seconds`
  return [
    ...validateReviewVersions(`${path}.admissionReviewVersions`, webhook.admissionReviewVersions ?? []),
    ...checkEach(`${path}.rules`, webhook.rules, validateRule),
    ...checkOptionalOneOf(`${path}.failurePolicy`, webhook.failurePolicy, ['Fail', 'Ignore']),
    ...checkOptionalOneOf(`${path}.matchPolicy`, webhook.matchPolicy, ['Equivalent', 'Exact']),
    ...checkOneOf(`${path}.sideEffects`, webhook.sideEffects, ['None', 'NoneOnDryRun']),
    ...(timeoutSeconds < 1 || timeoutSeconds > longestSeconds
      ? [invalid(`${path}.timeoutSeconds`, timeoutSeconds, timeout)]
      : []),
    ...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`),
    ...validateClientConfig(`${path}.clientConfig`, webhook.clientConfig),
    ...('reinvocationPolicy' in webhook
      ? checkOptionalOneOf(`${path}.reinvocationPolicy`, webhook.reinvocationPolicy, ['Never', 'IfNeeded'])
      : []),
    ...validateConditions(`${path}.matchConditions`, webhook.matchConditions ?? []),
  ]
}

function validateReviewVersions(path: string, versions: readonly string[]): FieldError[] {
  if (versions.length === 0) return [required(path, `must specify one of ${reviewVersions.join(', ')}`)]
  const isRepeat = repeats()
  const repeated = versions.filter((version) => isRepeat(version))
  if (repeated.length > 0) return repeated.map((version) => invalid(path, version, 'duplicate version'))
  return versions.some((version) => reviewVersions.includes(version))
    ? []
    : [invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`)]
}

/** Whether the expressions compile is for the server to say. */
function validateConditions(path: string, conditions: readonly MatchCondition[]): FieldError[] {
  const names = new Set<string>()
  const errors = checkEach(path, conditions, ({ name = '', expression = '' }, at) => {
    const repeated = name !== '' && names.has(name) ? [duplicate(`${at}.name`, name)] : []
    names.add(name)
    return [
      ...checkRequired(`${at}.expression`, expression.trim()),
      ...(name === '' ? [required(`${at}.name`)] : problemsAt(`${at}.name`, name, qualifiedNameProblems(name))),
      ...repeated,
    ]
  })
  return conditions.length > conditionsLimit ? [...errors, tooMany(path, conditions.length, conditionsLimit)] : errors
}

import { describe, expect, it } from 'vitest'
import type { MutatingWebhook } from '../../types/admissionregistration-v1.ts'
import { mutatingWebhookConfiguration } from './webhook-configurations.ts'

const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }
const aWebhook = (more: Partial<MutatingWebhook> = {}): MutatingWebhook => ({
  name: 'a.example.com',
  clientConfig: { service: { namespace: 'default', name: 'hook' } },
  rules: [rule],
  sideEffects: 'None',
  admissionReviewVersions: ['v1', 'v1beta1'],
  ...more,
})
const errorsOf = (...webhooks: MutatingWebhook[]): string[] =>
  (mutatingWebhookConfiguration.validate?.({ metadata: { name: 'c' }, webhooks }) ?? []).map(
    ({ path, detail }) => `${path.replace('webhooks[0].', '')} ${detail}`,
  )
const withRule = (more: object): Partial<MutatingWebhook> => ({ rules: [{ ...rule, ...more }] })
const withUrl = (url: string): Partial<MutatingWebhook> => ({ clientConfig: { url } })
const withService = (more: object): Partial<MutatingWebhook> => ({
  clientConfig: { service: { namespace: 'default', name: 'hook', ...more } },
})

describe('a webhook', () => {
  it('may say nothing more than it must', () => {
    expect(errorsOf(aWebhook())).toEqual([])
  })

  it('is given everything that it leaves out', () => {
    const configuration = { metadata: { name: 'c' }, webhooks: [aWebhook()] }
    mutatingWebhookConfiguration.defaults?.(configuration)
    expect(configuration.webhooks[0]).toMatchObject({
      ...{ failurePolicy: 'Fail', matchPolicy: 'Equivalent', timeoutSeconds: 10, reinvocationPolicy: 'Never' },
      ...{ namespaceSelector: {}, objectSelector: {}, clientConfig: { service: { port: 443 } } },
      rules: [{ scope: '*' }],
    })
  })

  it('has a name of its own', () => {
    expect(errorsOf(aWebhook(), aWebhook())).toEqual(['webhooks[1].name '])
  })

  const wrong: [Partial<MutatingWebhook>, string][] = [
    [{ name: 'short.com' }, 'name should be a domain with at least three segments separated by dots'],
    [{ name: '' }, 'name '],
    [{ admissionReviewVersions: [] }, 'admissionReviewVersions must specify one of v1'],
    [{ admissionReviewVersions: ['v1beta1'] }, 'admissionReviewVersions must include at least one of v1'],
    [{ admissionReviewVersions: ['v1', 'v1'] }, 'admissionReviewVersions duplicate version'],
    [{ timeoutSeconds: 31 }, 'timeoutSeconds the timeout value must be between 1 and 30 seconds'],
    [{ sideEffects: 'Some' }, 'sideEffects supported values: "None", "NoneOnDryRun"'],
    [{ failurePolicy: 'Maybe' }, 'failurePolicy supported values: "Fail", "Ignore"'],
    [{ reinvocationPolicy: 'Always' }, 'reinvocationPolicy supported values: "Never", "IfNeeded"'],
    [{ clientConfig: {} }, 'clientConfig exactly one of url or service is required'],
    [withUrl('http://x.example'), "clientConfig.url 'https' is the only allowed URL scheme"],
    [withUrl('https://u@x.example'), 'clientConfig.url user information is not permitted in the URL'],
    [withUrl('https://x.example/?a=b'), 'clientConfig.url query parameters are not permitted in the URL'],
    [withUrl('https://x.example/#a'), 'clientConfig.url fragments are not permitted in the URL'],
    [withUrl('x.example'), 'clientConfig.url url must be a valid URL'],
    [withService({ port: 70_000 }), 'clientConfig.service.port must be between 1 and 65535'],
    [withService({ path: 'check' }), "clientConfig.service.path must start with a '/'"],
    [withService({ path: '/a//b' }), 'clientConfig.service.path segment[1] may not be empty'],
    [withService({ name: '' }), 'clientConfig.service.name '],
    [withRule({ operations: [] }), 'rules[0].operations '],
    [withRule({ operations: ['*', 'CREATE'] }), "rules[0].operations if '*' is present, must not specify other"],
    [withRule({ operations: ['READ'] }), 'rules[0].operations[0] supported values'],
    [withRule({ apiGroups: ['*', 'apps'] }), "rules[0].apiGroups if '*' is present"],
    [withRule({ apiVersions: [''] }), 'rules[0].apiVersions[0] '],
    [withRule({ resources: ['*/*', 'pods'] }), "rules[0].resources[1] if '*/*' is present"],
    [withRule({ resources: ['pods/*', 'pods/exec'] }), "rules[0].resources[1] if 'pods/*' is present"],
    [withRule({ resources: ['*', 'pods'] }), "rules[0].resources if '*' is present"],
    [withRule({ scope: 'Everywhere' }), 'rules[0].scope supported values'],
    [{ objectSelector: { matchLabels: { 'a b': 'c' } } }, 'objectSelector.matchLabels '],
    [{ matchConditions: [{ name: '', expression: 'true' }] }, 'matchConditions[0].name '],
    [{ matchConditions: [{ name: 'a', expression: ' ' }] }, 'matchConditions[0].expression '],
    [
      { matchConditions: Array.from({ length: 65 }, (_, at) => ({ name: `c${at}`, expression: 'true' })) },
      'matchConditions must have at most 64 items',
    ],
  ]
  it.each(wrong)('cannot have %j', (more, error) => {
    const errors = errorsOf(aWebhook(more))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain(error)
  })
})

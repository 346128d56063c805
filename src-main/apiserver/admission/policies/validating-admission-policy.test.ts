import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../audit/trail.ts'
import type { Kind } from '../../../api/define-kind.ts'
import { deployment as deploymentKind } from '../../../api/kinds/apps/deployment.ts'
import { configMap } from '../../../api/kinds/core/config-map.ts'
import { namespace } from '../../../api/kinds/core/namespace.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import type {
  ValidatingAdmissionPolicyBindingSpec,
  ValidatingAdmissionPolicySpec,
} from '../../../api/types/admissionregistration-v1.ts'
import { startTestServer, type TestServer } from '../../../../test/support/api-server.ts'
import {
  aDeployment,
  aValidatingBinding,
  aValidatingPolicy,
  validatingBindingKind,
  validatingPolicyKind,
} from './policy-builders.ts'

const deployment = deploymentKind as Kind<DynamicObject>

async function serverWith(
  spec: ValidatingAdmissionPolicySpec,
  binding: Partial<ValidatingAdmissionPolicyBindingSpec> = {},
  options: Parameters<typeof startTestServer>[0] = {},
): Promise<TestServer> {
  const server = await startTestServer(options)
  await server.client.create(validatingPolicyKind, aValidatingPolicy(spec))
  await server.client.create(validatingBindingKind, aValidatingBinding(binding))
  return server
}

const atMostFive = { validations: [{ expression: 'object.spec.replicas <= 5' }] }

describe('a validating admission policy', () => {
  it('refuses what its expression says no to, and lets the rest pass', async () => {
    const { client } = await serverWith(atMostFive)
    await client.create(deployment, aDeployment('small'))
    await expect(client.create(deployment, aDeployment('large', { replicas: 6 }))).rejects.toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: `deployments.apps "large" is forbidden: ValidatingAdmissionPolicy 'policy' with binding 'binding' denied request: failed expression: object.spec.replicas <= 5`,
      details: { causes: [{ message: expect.stringContaining('failed expression') as string }] },
    })
  })

  it('does nothing without a binding, and nothing any more once it is gone', async () => {
    const { client } = await startTestServer()
    await client.create(validatingPolicyKind, aValidatingPolicy(atMostFive))
    await client.create(deployment, aDeployment('a', { replicas: 9 }))
    await client.create(validatingBindingKind, aValidatingBinding())
    await expect(client.create(deployment, aDeployment('b', { replicas: 9 }))).rejects.toMatchObject({ code: 422 })
    await client.delete(validatingPolicyKind, { name: 'policy' })
    await client.create(deployment, aDeployment('b', { replicas: 9 }))
  })

  it('says what and why as its validation has it', async () => {
    const { client } = await serverWith({
      validations: [
        {
          ...{ expression: 'object.spec.replicas <= 5', message: 'too many', reason: 'Forbidden' },
          messageExpression: '"at most 5, not " + string(object.spec.replicas)',
        },
      ],
    })
    await expect(client.create(deployment, aDeployment('large', { replicas: 6 }))).rejects.toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: expect.stringMatching(/denied request: at most 5, not 6$/) as string,
    })
  })

  it('takes the plain message when the expression of the message has no value', async () => {
    const { client } = await serverWith({
      validations: [{ expression: 'false', message: 'plain', messageExpression: 'object.nope' }],
    })
    await expect(client.create(deployment, aDeployment('a'))).rejects.toThrow(/denied request: plain$/)
  })

  it('compares with the old object', async () => {
    const { client } = await serverWith({
      validations: [{ expression: 'oldObject == null || object.spec.replicas >= oldObject.spec.replicas' }],
    })
    await client.create(deployment, aDeployment('web'))
    const shrink = { type: 'merge', patch: { spec: { replicas: 1 } } } as const
    await expect(client.patch(deployment, { namespace: 'default', name: 'web' }, shrink)).rejects.toMatchObject({
      code: 422,
    })
  })

  it('works out its variables when they are asked for, each from those before it', async () => {
    const { client } = await serverWith({
      variables: [
        { name: 'replicas', expression: 'object.spec.replicas' },
        { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' },
        { name: 'unused', expression: '1 / 0' },
      ],
      validations: [{ expression: 'variables.replicas > 1' }, { expression: 'variables.oddReplicas' }],
    })
    await client.create(deployment, aDeployment('three'))
    await expect(client.create(deployment, aDeployment('one', { replicas: 1 }))).rejects.toMatchObject({ code: 422 })
    await expect(client.create(deployment, aDeployment('two', { replicas: 2 }))).rejects.toMatchObject({ code: 422 })
  })

  it('sees the namespace and whoever asks', async () => {
    const { client } = await serverWith({
      validations: [
        { expression: 'namespaceObject.metadata.labels.env == "prod"' },
        { expression: 'request.userInfo.username == "admin" && authorizer.requestResource.check("create").allowed()' },
      ],
    })
    await client.create(namespace, { metadata: { name: 'prod', labels: { env: 'prod' } } })
    await client.create(namespace, { metadata: { name: 'dev', labels: { env: 'dev' } } })
    await client.create(deployment, aDeployment('web', {}, 'prod'))
    await expect(client.create(deployment, aDeployment('web', {}, 'dev'))).rejects.toMatchObject({ code: 422 })
  })

  it('only looks at requests that its conditions let through', async () => {
    const { client } = await serverWith({
      matchConditions: [{ name: 'not-exempt', expression: '!object.metadata.name.startsWith("exempt")' }],
      validations: [{ expression: 'false' }],
    })
    await client.create(deployment, aDeployment('exempt-web'))
    await expect(client.create(deployment, aDeployment('web'))).rejects.toMatchObject({ code: 422 })
  })

  it('only looks at what its binding selects', async () => {
    const { client } = await serverWith(
      { validations: [{ expression: 'false' }] },
      { matchResources: { namespaceSelector: { matchLabels: { env: 'prod' } } } },
    )
    await client.create(namespace, { metadata: { name: 'prod', labels: { env: 'prod' } } })
    await client.create(deployment, aDeployment('web'))
    await expect(client.create(deployment, aDeployment('web', {}, 'prod'))).rejects.toMatchObject({ code: 422 })
  })

  it('cannot forbid that it is mended', async () => {
    const { client } = await serverWith({
      matchConstraints: {
        resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
      },
      validations: [{ expression: 'false' }],
    })
    await expect(client.create(configMap, { metadata: { name: 'a', namespace: 'default' } })).rejects.toMatchObject({
      code: 422,
    })
    await client.delete(validatingBindingKind, { name: 'binding' })
    await client.create(configMap, { metadata: { name: 'a', namespace: 'default' } })
  })
})

describe('an error of a validating admission policy', () => {
  const broken = [{ expression: 'object.spec.nope > 1' }]

  it('refuses the request', async () => {
    const { client } = await serverWith({ validations: broken })
    await expect(client.create(deployment, aDeployment('web'))).rejects.toThrow(
      `denied request: expression 'object.spec.nope > 1' resulted in error: no such key: nope`,
    )
  })

  it('is passed over when the policy says so', async () => {
    const { client } = await serverWith({ validations: broken, failurePolicy: 'Ignore' })
    await client.create(deployment, aDeployment('web'))
  })

  it('is what becomes of one that runs for too long', async () => {
    const containers = Array.from({ length: 200 }, (_none, index) => ({ name: `c${index}`, image: 'x' }))
    const all = 'object.spec.template.spec.containers.all'
    const { client } = await serverWith({
      validations: [{ expression: `${all}(a, ${all}(b, ${all}(c, a.name + b.name + c.name != "")))` }],
    })
    const large = aDeployment('web', { template: { metadata: { labels: { app: 'web' } }, spec: { containers } } })
    await expect(client.create(deployment, large)).rejects.toThrow('actual cost limit exceeded')
  })
})

describe('the actions of a binding', () => {
  it('may be only a warning', async () => {
    const { send, warnings } = await serverWith(atMostFive, { validationActions: ['Warn'] })
    const body = { apiVersion: 'apps/v1', kind: 'Deployment', ...aDeployment('large', { replicas: 6 }) }
    await send('POST', '/apis/apps/v1/namespaces/default/deployments', { body })
    expect(warnings).toEqual([
      "Validation failed for ValidatingAdmissionPolicy 'policy' with binding 'binding': failed expression: object.spec.replicas <= 5",
    ])
  })

  it('may be a note in the audit record, beside annotations', async () => {
    const entries: AuditEvent[] = []
    const { client } = await serverWith(
      {
        ...atMostFive,
        auditAnnotations: [{ key: 'replicas', valueExpression: '"has " + string(object.spec.replicas)' }],
      },
      { validationActions: ['Audit'] },
      { audit: { policy: { rules: [{ level: 'Metadata' }] }, sink: (event) => void entries.push(event) } },
    )
    await client.create(deployment, aDeployment('large', { replicas: 6 }))
    const annotations = (entries.at(-1)?.['annotations'] ?? {}) as Record<string, string>
    expect(annotations['policy/replicas']).toBe('has 6')
    expect(JSON.parse(annotations['validation.policy.admission.k8s.io/validation_failure'] ?? '')).toEqual([
      {
        ...{ message: 'failed expression: object.spec.replicas <= 5', policy: 'policy', binding: 'binding' },
        ...{ expressionIndex: 0, validationActions: ['Audit'] },
      },
    ])
  })
})

describe('parameters', () => {
  const limited = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    validations: [{ expression: 'object.spec.replicas <= int(params.data.most)' }],
  }
  const aLimit = (name: string, most: string, labels = {}): DynamicObject => ({
    metadata: { name, namespace: 'default', labels },
    data: { most },
  })

  it('come from the object that the binding names', async () => {
    const { client } = await serverWith(limited, { paramRef: { name: 'limit', parameterNotFoundAction: 'Deny' } })
    await client.create(configMap, aLimit('limit', '2'))
    await expect(client.create(deployment, aDeployment('web'))).rejects.toMatchObject({ code: 422 })
    await client.create(deployment, aDeployment('web', { replicas: 2 }))
  })

  it('may be many, that must all agree', async () => {
    const selector = { matchLabels: { limits: 'yes' } }
    const { client } = await serverWith(limited, { paramRef: { selector, parameterNotFoundAction: 'Deny' } })
    await client.create(configMap, aLimit('low', '2', { limits: 'yes' }))
    await client.create(configMap, aLimit('high', '9', { limits: 'yes' }))
    await expect(client.create(deployment, aDeployment('web'))).rejects.toMatchObject({ code: 422 })
  })

  it('that are missing refuse the request, or let it pass', async () => {
    const strict = await serverWith(limited, { paramRef: { name: 'limit', parameterNotFoundAction: 'Deny' } })
    await expect(strict.client.create(deployment, aDeployment('web'))).rejects.toThrow(
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    )
    const lenient = await serverWith(limited, { paramRef: { name: 'limit', parameterNotFoundAction: 'Allow' } })
    await lenient.client.create(deployment, aDeployment('web'))
  })
})

describe('a policy that is wrong', () => {
  it.each([
    [
      { validations: [{ expression: 'object.spec.replicas >' }] },
      'spec.validations[0].expression: Invalid value: "object.spec.replicas >": compilation failed: ERROR: <input>:1:',
    ],
    [
      { validations: [{ expression: '1' }] },
      'spec.validations[0].expression: Invalid value: "1": must evaluate to bool',
    ],
    [
      { validations: [{ expression: 'true', messageExpression: '1' }] },
      'spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string',
    ],
    [{ validations: [{ expression: 'params == null' }] }, "undeclared reference to 'params'"],
    [{ validations: [{ expression: 'variables.nope' }] }, "undefined field 'nope'"],
    [
      { validations: [{ expression: 'true' }], variables: [{ name: 'a', expression: 'b' }] },
      'spec.variables[0].expression: Invalid value',
    ],
    [
      { validations: [{ expression: 'true' }], matchConditions: [{ name: 'a', expression: 'variables.x' }] },
      'spec.matchConditions[0].expression: Invalid value',
    ],
    [
      { validations: [{ expression: 'true', reason: 'Nope' }] },
      'spec.validations[0].reason: Unsupported value: "Nope"',
    ],
    [{ validations: [] }, 'spec.validations: Required value: validations or auditAnnotations must be non-empty'],
    [
      { validations: [{ expression: 'true' }], matchConstraints: {} },
      'spec.matchConstraints.resourceRules: Required value',
    ],
    [
      { validations: [{ expression: 'true' }], auditAnnotations: [{ key: 'a', valueExpression: '1' }] },
      'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to string or null_type',
    ],
  ])('is refused: %o', async (spec, problem) => {
    const { client } = await startTestServer()
    const creation = client.create(validatingPolicyKind, aValidatingPolicy(spec))
    await expect(creation).rejects.toMatchObject({ code: 422, message: expect.stringContaining(problem) as string })
  })

  it('cannot deny and warn at once', async () => {
    const { client } = await startTestServer()
    const binding = aValidatingBinding({ validationActions: ['Deny', 'Warn'] })
    await expect(client.create(validatingBindingKind, binding)).rejects.toMatchObject({ code: 422 })
  })
})

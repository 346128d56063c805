import { describe, expect, it } from 'vitest'
import type { Kind } from '../../../api/define-kind.ts'
import { deployment as deploymentKind } from '../../../api/kinds/apps/deployment.ts'
import { configMap } from '../../../api/kinds/core/config-map.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import type { MutatingAdmissionPolicySpec } from '../../../api/types/admissionregistration-v1.ts'
import { startTestServer, type TestServer } from '../../../../test/support/api-server.ts'
import {
  aDeployment,
  aMutatingBinding,
  aMutatingPolicy,
  mutatingBindingKind,
  mutatingPolicyKind,
} from './policy-builders.ts'

const deployment = deploymentKind as Kind<DynamicObject>
const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } })
const jsonPatch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } })

async function serverWith(spec: MutatingAdmissionPolicySpec, binding: object = {}): Promise<TestServer> {
  const server = await startTestServer()
  await server.client.create(mutatingPolicyKind, aMutatingPolicy(spec))
  await server.client.create(mutatingBindingKind, aMutatingBinding(binding))
  return server
}

describe('a mutating admission policy', () => {
  it('changes the object by an apply configuration', async () => {
    const { client } = await serverWith({
      mutations: [apply('Object{spec: Object.spec{replicas: object.spec.replicas + 100}}')],
    })
    const { spec, metadata } = await client.create(deployment, aDeployment('web'))
    expect(spec).toMatchObject({ replicas: 103, template: { spec: { containers: [{ name: 'c' }] } } })
    expect(metadata.name).toBe('web')
  })

  it('adds annotations', async () => {
    const { client } = await serverWith({
      mutations: [apply('Object{metadata: Object.metadata{annotations: {"example.com/by": "policy"}}}')],
    })
    const { metadata } = await client.create(deployment, aDeployment('web'))
    expect(metadata.annotations).toEqual({ 'example.com/by': 'policy' })
  })

  it('merges lists by their keys', async () => {
    const { client } = await serverWith({
      mutations: [
        apply(`Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{
          containers: [Object.spec.template.spec.containers{name: "sidecar", image: "envoy"}]}}}}`),
      ],
    })
    const { spec } = await client.create(deployment, aDeployment('web'))
    expect(spec).toMatchObject({
      template: { spec: { containers: [{ name: 'c' }, { name: 'sidecar', image: 'envoy' }] } },
    })
  })

  it('changes the object by a JSON patch', async () => {
    const { client } = await serverWith({
      mutations: [
        jsonPatch(`[
          JSONPatch{op: "test", path: "/spec/replicas", value: 3},
          JSONPatch{op: "replace", path: "/spec/replicas", value: object.spec.replicas * 2},
          JSONPatch{op: "add", path: "/metadata/labels", value: {"a/b": "x"}},
          JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("c/d"), value: "y"}
        ]`),
      ],
    })
    const { spec, metadata } = await client.create(deployment, aDeployment('web'))
    expect(spec).toMatchObject({ replicas: 6 })
    expect(metadata.labels).toEqual({ 'a/b': 'x', 'c/d': 'y' })
  })

  it('shows each mutation what the one before it has done', async () => {
    const add = apply('Object{spec: Object.spec{replicas: object.spec.replicas + 1}}')
    const { client } = await serverWith({ mutations: [add, add] })
    expect((await client.create(deployment, aDeployment('web'))).spec).toMatchObject({ replicas: 5 })
  })

  it('is asked once more, if it wants, when something was changed after it', async () => {
    const { client } = await serverWith({
      reinvocationPolicy: 'IfNeeded',
      mutations: [apply('Object{metadata: Object.metadata{annotations: {"seen": string(object.spec.replicas)}}}')],
    })
    await client.create(
      mutatingPolicyKind,
      aMutatingPolicy({ mutations: [apply('Object{spec: Object.spec{replicas: 7}}')] }, 'second'),
    )
    await client.create(mutatingBindingKind, aMutatingBinding({ policyName: 'second' }, 'second'))
    const { metadata } = await client.create(deployment, aDeployment('web'))
    expect(metadata.annotations).toMatchObject({ seen: '7' })
  })

  it('takes parameters, variables and conditions', async () => {
    const { client } = await serverWith(
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        variables: [{ name: 'wanted', expression: 'int(params.data.replicas)' }],
        matchConditions: [{ name: 'small', expression: 'object.spec.replicas < 5' }],
        mutations: [apply('Object{spec: Object.spec{replicas: variables.wanted}}')],
      },
      { paramRef: { name: 'p', parameterNotFoundAction: 'Deny' } },
    )
    await client.create(configMap, { metadata: { name: 'p', namespace: 'default' }, data: { replicas: '9' } })
    expect((await client.create(deployment, aDeployment('small'))).spec).toMatchObject({ replicas: 9 })
    expect((await client.create(deployment, aDeployment('large', { replicas: 6 }))).spec).toMatchObject({ replicas: 6 })
  })

  it.each([
    [apply('Object{spec: Object.spec{replicas: object.nope}}'), 'no such key: nope'],
    [apply('Object{spec: Object.other{replicas: 1}}'), 'unexpected type name "Object.other", expected "Object.spec"'],
    [apply('Object{spec: Object.spec{replicas: "x"}}'), 'replicas'],
    [jsonPatch('[JSONPatch{op: "remove", path: "/nope"}]'), 'error applying JSON patch'],
  ])('refuses the request when it fails: %o', async (mutation, problem) => {
    const { client } = await serverWith({ mutations: [mutation] })
    await expect(client.create(deployment, aDeployment('web'))).rejects.toMatchObject({
      code: 422,
      message: expect.stringMatching(
        `^deployments.apps "web" is forbidden: policy 'policy' with binding 'binding' denied request: (.|\\n)*${problem}`,
      ) as string,
    })
  })

  it('is passed over when it fails and says so', async () => {
    const { client } = await serverWith({ failurePolicy: 'Ignore', mutations: [apply('Object{spec: object.nope}')] })
    expect((await client.create(deployment, aDeployment('web'))).spec).toMatchObject({ replicas: 3 })
  })

  it.each([
    [apply('1'), 'spec.mutations[0].applyConfiguration.expression: Invalid value: "1": must evaluate to Object'],
    [
      jsonPatch('["a"]'),
      'spec.mutations[0].jsonPatch.expression: Invalid value: "[\\"a\\"]": must evaluate to list(JSONPatch)',
    ],
    [jsonPatch('[JSONPatch{nope: 1}]'), "undefined field 'nope'"],
    [apply('Foo{}'), "undeclared reference to 'Foo'"],
    [{ patchType: 'Nope' }, 'spec.mutations[0].patchType: Unsupported value: "Nope"'],
    [{ patchType: 'JSONPatch' }, 'spec.mutations[0].jsonPatch: Required value'],
  ])('is not taken when it is wrong: %o', async (mutation, problem) => {
    const { client } = await startTestServer()
    const creation = client.create(mutatingPolicyKind, aMutatingPolicy({ mutations: [mutation] }))
    await expect(creation).rejects.toMatchObject({ code: 422, message: expect.stringContaining(problem) as string })
  })
})

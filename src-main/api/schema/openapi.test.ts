import { describe, expect, it } from 'vitest'
import { defineKind } from '../define-kind.ts'
import { kinds } from '../kinds/index.ts'
import { openApiV3 } from './openapi.ts'

const kindsOf = (group: string, version: string) =>
  kinds.filter((kind) => kind.group === group && kind.version === version)
const core = openApiV3('', 'v1', kindsOf('', 'v1'))
const apps = openApiV3('apps', 'v1', kindsOf('apps', 'v1'))

function everyDocument() {
  const groups = Map.groupBy(kinds, ({ apiVersion }) => apiVersion)
  return [...groups.values()].map((served) => openApiV3(served[0]!.group, served[0]!.version, served))
}

const property = (name: string, field: string): unknown =>
  (core.components.schemas[name]?.['properties'] as Record<string, unknown>)[field]

describe('the paths of an OpenAPI document', () => {
  it('has those of each resource and its subresources', () => {
    const names = Object.keys(apps.paths).filter((path) => path.includes('/deployments'))
    expect(names.toSorted()).toEqual([
      '/apis/apps/v1/deployments',
      '/apis/apps/v1/namespaces/{namespace}/deployments',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/status',
    ])
    expect(Object.keys(core.paths)).toContain('/api/v1/nodes/{name}')
    expect(Object.keys(core.paths)).not.toContain('/api/v1/namespaces/{namespace}/nodes')
    expect(Object.keys(core.paths)).toContain('/api/v1/namespaces/{namespace}/pods/{name}/exec')
  })

  it('tells clients that a patch may be strategic or an apply, and that fields are validated', () => {
    const { patch } = apps.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']!
    expect(Object.keys(patch!.requestBody!.content)).toEqual(
      expect.arrayContaining(['application/apply-patch+yaml', 'application/strategic-merge-patch+json']),
    )
    expect(patch!.parameters!.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['dryRun', 'fieldManager', 'fieldValidation', 'force']),
    )
    expect(patch).toMatchObject({
      operationId: 'patchAppsV1NamespacedDeployment',
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group: 'apps', version: 'v1', kind: 'Deployment' },
    })
  })

  it('names the kind that a subresource answers', () => {
    expect(apps.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale']!.get).toMatchObject({
      'x-kubernetes-group-version-kind': { group: 'autoscaling', version: 'v1', kind: 'Scale' },
    })
  })

  it('gives every operation of a document an id of its own, and every path its parameters', () => {
    for (const document of everyDocument()) {
      const ids: string[] = []
      for (const [path, item] of Object.entries(document.paths)) {
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
        const named = (item.parameters ?? []).filter((one) => one.in === 'path').map((one) => one.name)
        expect(named.toSorted(), path).toEqual(inPath.toSorted())
        for (const operation of [item.get, item.post, item.put, item.patch, item.delete]) {
          if (operation !== undefined) ids.push(operation.operationId)
        }
      }
      expect(new Set(ids).size).toBe(ids.length)
    }
  })
})

describe('the schemas of an OpenAPI document', () => {
  it('has every schema that it refers to, and no other group', () => {
    for (const document of everyDocument()) {
      const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)
      for (const [, name] of references) expect(document.components.schemas).toHaveProperty([name!])
    }
    expect(apps.components.schemas).not.toHaveProperty(['io.k8s.api.core.v1.Service'])
  })

  it('carries list and merge semantics, kinds and required fields', () => {
    expect(property('io.k8s.api.core.v1.PodSpec', 'containers')).toEqual({
      type: 'array',
      items: { $ref: '#/components/schemas/io.k8s.api.core.v1.Container' },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    })
    expect(core.components.schemas['io.k8s.api.core.v1.PodSpec']).toMatchObject({ required: ['containers'] })
    expect(core.components.schemas['io.k8s.api.core.v1.Pod']).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Pod' }],
    })
    expect(core.components.schemas['io.k8s.api.core.v1.SeccompProfile']).toHaveProperty('x-kubernetes-unions')
    expect(property('io.k8s.api.core.v1.ContainerPort', 'protocol')).toEqual({ type: 'string', default: 'TCP' })
  })

  it('says that a quantity and a port may be a number or a text', () => {
    expect(core.components.schemas['io.k8s.apimachinery.pkg.api.resource.Quantity']).toEqual({
      oneOf: [{ type: 'string' }, { type: 'number' }],
    })
    expect(core.components.schemas['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toEqual({
      format: 'int-or-string',
      oneOf: [{ type: 'integer' }, { type: 'string' }],
    })
  })

  it('puts a reference into a list where something stands beside it', () => {
    const described = openApiV3('', 'v1', kindsOf('', 'v1'), {
      describe: (definition, field) =>
        field === 'spec' && definition.endsWith('.Pod') ? 'What is wanted.' : undefined,
    })
    expect(described.components.schemas['io.k8s.api.core.v1.Pod']).toMatchObject({
      properties: {
        spec: { description: 'What is wanted.', allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.PodSpec' }] },
        status: { $ref: '#/components/schemas/io.k8s.api.core.v1.PodStatus' },
      },
    })
  })
})

describe('a custom kind', () => {
  const crontab = defineKind({
    group: 'stable.example.com',
    version: 'v1',
    kind: 'CronTab',
    plural: 'crontabs',
    scope: 'Namespaced',
    subresources: { status: true },
  })

  it('has its own schema under its reversed group, and no strategic patch', () => {
    const schema = { type: 'object', properties: { spec: { type: 'object' } } }
    const document = openApiV3('stable.example.com', 'v1', [crontab], { customSchema: () => schema })
    expect(document.components.schemas['com.example.stable.v1.CronTab']).toMatchObject({
      properties: { spec: { type: 'object' }, metadata: { $ref: expect.stringContaining('ObjectMeta') as string } },
      'x-kubernetes-group-version-kind': [{ group: 'stable.example.com', version: 'v1', kind: 'CronTab' }],
    })
    const { patch } = document.paths['/apis/stable.example.com/v1/namespaces/{namespace}/crontabs/{name}']!
    expect(Object.keys(patch!.requestBody!.content)).not.toContain('application/strategic-merge-patch+json')
    expect(document.paths).toHaveProperty(['/apis/stable.example.com/v1/namespaces/{namespace}/crontabs/{name}/status'])
  })

  it('is any object when nobody knows its schema', () => {
    const document = openApiV3('stable.example.com', 'v1', [crontab])
    expect(document.components.schemas['com.example.stable.v1.CronTab']).toMatchObject({
      'x-kubernetes-preserve-unknown-fields': true,
    })
    expect(document.components.schemas).toHaveProperty(['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'])
  })
})

import { describe, expect, it } from 'vitest'
import { kinds } from '../kinds/index.ts'
import { oldDocument, type OldForm } from './openapi-v2.ts'
import { openApiV3 } from './openapi.ts'
import { wireBytes, WireReader } from './protobuf/wire-reader.ts'

/** The contents of a message's length-delimited fields with this number. */
function contents(message: Uint8Array, wanted: number): Uint8Array[] {
  const reader = new WireReader(message)
  const found: Uint8Array[] = []
  while (reader.position < message.length) {
    const tag = reader.tag(message.length)
    if (tag === wanted * 8 + wireBytes) found.push(reader.content(message.length))
    else reader.skip(tag & 7, message.length)
  }
  return found
}
/** Follows field numbers from message to message. */
const at = (message: Uint8Array, ...numbers: number[]): Uint8Array =>
  numbers.reduce((inner, number) => contents(inner, number)[0] ?? new Uint8Array(), message)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
/** The value of the named entry in a list of pairs. */
const named = (pairs: Uint8Array[], name: string): Uint8Array =>
  at(pairs.find((pair) => text(at(pair, 1)) === name) ?? new Uint8Array(), 2)
const extension = (message: Uint8Array, number: number, name: string): unknown =>
  JSON.parse(text(at(named(contents(message, number), name), 2)))

function coreIn(form: OldForm): Uint8Array {
  const coreKinds = kinds.filter(({ group, version }) => group === '' && version === 'v1')
  const { paths, components } = openApiV3('', 'v1', coreKinds)
  const made = oldDocument(form)
  made.addPaths(paths)
  for (const [name, schema] of Object.entries(components.schemas)) made.addDefinition(name, schema, false)
  return made.finish()
}
const core = coreIn('protobuf')

describe('a document of version 2 in protobuf', () => {
  it('says which version it is', () => {
    expect(text(at(core, 1))).toBe('2.0')
  })

  it('has definitions with their types, references and merge semantics', () => {
    const definitions = contents(at(core, 9), 1)
    const spec = named(definitions, 'io.k8s.api.core.v1.PodSpec')
    const containers = named(contents(at(spec, 25), 1), 'containers')
    expect(text(at(containers, 22, 1))).toBe('array')
    expect(text(at(containers, 23, 1, 1))).toBe('#/definitions/io.k8s.api.core.v1.Container')
    expect(extension(containers, 31, 'x-kubernetes-patch-merge-key')).toBe('name')
    expect(contents(spec, 19).map(text)).toEqual(['containers'])
    const pod = named(definitions, 'io.k8s.api.core.v1.Pod')
    expect(extension(pod, 31, 'x-kubernetes-group-version-kind')).toEqual([{ group: '', version: 'v1', kind: 'Pod' }])
    const quantity = named(definitions, 'io.k8s.apimachinery.pkg.api.resource.Quantity')
    expect(text(at(quantity, 22, 1))).toBe('string')
  })

  it('has paths whose patch lists what it takes', () => {
    const path = named(contents(at(core, 8), 2), '/api/v1/namespaces/{namespace}/pods/{name}')
    const patch = at(path, 8)
    expect(text(at(patch, 5))).toBe('patchCoreV1NamespacedPod')
    expect(contents(patch, 7).map(text)).toContain('application/strategic-merge-patch+json')
    const queries = contents(patch, 8).map((item) => text(at(item, 1, 2, 3, 4)))
    expect(queries).toEqual(expect.arrayContaining(['fieldValidation', 'dryRun']))
    expect(extension(patch, 13, 'x-kubernetes-group-version-kind')).toEqual({ group: '', version: 'v1', kind: 'Pod' })
  })
})

describe('a document of version 2 as JSON', () => {
  const document = JSON.parse(text(coreIn('json'))) as {
    paths: Record<string, Record<string, Record<string, unknown>>>
    definitions: Record<string, { properties?: Record<string, unknown>; type?: string; format?: string }>
  }

  it('has definitions whose references stand beside their descriptions, and no choice of types', () => {
    const { definitions } = document
    const spec = definitions['io.k8s.api.core.v1.PodSpec']?.properties
    expect(spec?.['containers']).toMatchObject({
      type: 'array',
      items: { $ref: '#/definitions/io.k8s.api.core.v1.Container' },
      'x-kubernetes-patch-merge-key': 'name',
    })
    expect(spec?.['affinity']).toMatchObject({ $ref: '#/definitions/io.k8s.api.core.v1.Affinity' })
    expect(definitions['io.k8s.apimachinery.pkg.api.resource.Quantity']?.type).toBe('string')
    expect(definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({
      ...{ type: 'string', format: 'int-or-string' },
    })
    const whole = JSON.stringify(document)
    expect(['#/components', '"allOf"', '"oneOf"', 'requestBody'].filter((word) => whole.includes(word))).toEqual([])
  })

  it('has operations with bodies, types and parameters of their own', () => {
    const path = document.paths['/api/v1/namespaces/{namespace}/pods/{name}']
    expect(path?.['put']).toMatchObject({
      operationId: 'replaceCoreV1NamespacedPod',
      tags: ['core_v1'],
      'x-kubernetes-action': 'put',
      'x-kubernetes-group-version-kind': { group: '', version: 'v1', kind: 'Pod' },
      parameters: [
        { in: 'body', name: 'body', required: true, schema: { $ref: '#/definitions/io.k8s.api.core.v1.Pod' } },
        { in: 'query', name: 'dryRun', type: 'string', uniqueItems: true },
        { in: 'query', name: 'fieldManager' },
        { in: 'query', name: 'fieldValidation' },
      ],
      responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/io.k8s.api.core.v1.Pod' } } },
    })
    expect(path?.['patch']?.['consumes']).toContain('application/strategic-merge-patch+json')
    expect(path?.['parameters']).toContainEqual({
      in: 'path',
      name: 'name',
      required: true,
      type: 'string',
      uniqueItems: true,
    })
  })
})

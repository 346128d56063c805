import { describe, expect, it } from 'vitest'
import { definitionNameOf, definitions, schemaNamed, schemaOf } from './schema.ts'

describe('schemaOf', () => {
  it('knows list and merge semantics', () => {
    const spec = schemaNamed('io.k8s.api.core.v1.PodSpec')!
    expect(spec.fields.get('containers')).toMatchObject({
      required: true,
      mergeKey: 'name',
      patchStrategies: ['merge'],
      type: { type: 'array', listType: 'map', keys: ['name'] },
    })
    expect(spec.fields.get('volumes')?.patchStrategies).toEqual(['merge', 'retainKeys'])
    expect(spec.fields.get('nodeSelector')?.type).toMatchObject({ type: 'map', mapType: 'atomic' })
  })

  it('shares one schema a definition', () => {
    const template = schemaNamed('io.k8s.api.core.v1.PodTemplateSpec')!
    const pod = schemaOf({ group: '', version: 'v1', kind: 'Pod' })!
    expect(template.fields.get('spec')?.type).toBe(pod.fields.get('spec')?.type)
  })

  it('builds every definition of the release', () => {
    for (const [name, definition] of Object.entries(definitions)) {
      if (definition.fields !== undefined)
        expect(schemaNamed(name)?.fields.size).toBe(Object.keys(definition.fields).length)
    }
  })

  it('tells an empty struct from any value', () => {
    expect(schemaNamed('io.k8s.api.scheduling.v1alpha2.BasicSchedulingPolicy')?.fields.size).toBe(0)
    expect(schemaNamed('io.k8s.apimachinery.pkg.runtime.RawExtension')).toBeUndefined()
  })

  it('finds the kinds of the API machinery in every group', () => {
    expect(definitionNameOf({ group: 'apps', version: 'v1', kind: 'DeleteOptions' })).toBe(
      'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
    )
    expect(definitionNameOf({ group: 'apps', version: 'v1', kind: 'Pod' })).toBeUndefined()
  })
})

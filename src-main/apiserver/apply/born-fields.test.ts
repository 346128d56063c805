import { describe, expect, it } from 'vitest'
import { schemaOf } from '../../api/schema/schema.ts'
import type { ObjectSchema, TypeSchema } from '../../api/schema/type-schema.ts'
import { bornFields } from './born-fields.ts'

const deployment = schemaOf({ group: 'apps', version: 'v1', kind: 'Deployment' })
const at = (path: string): TypeSchema | undefined =>
  path
    .split('.')
    .reduce<TypeSchema | undefined>((type, name) => (type as ObjectSchema).fields.get(name)?.type, deployment)
const names = (type: TypeSchema | undefined): string[] => [...bornFields(type).keys()].toSorted()

describe('what is there of an object before anybody writes it', () => {
  it('are its large parts', () => {
    expect(names(deployment)).toEqual(['metadata', 'spec', 'status'])
    expect(names(at('spec'))).toEqual(['strategy', 'template'])
    expect(names(at('spec.strategy'))).toEqual([])
    expect(names(at('spec.template.spec'))).toEqual(['containers'])
  })

  it('is of a custom object the metadata alone', () => {
    const spec = deployment?.fields.get('spec')
    const metadata = deployment?.fields.get('metadata')
    const fields = new Map(
      [spec, metadata].flatMap((field) => (field === undefined ? [] : [[field.name, field] as const])),
    )
    expect(names({ ...(deployment as ObjectSchema), name: 'Thing', fields })).toEqual(['metadata'])
  })
})

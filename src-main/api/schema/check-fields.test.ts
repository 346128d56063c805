import { describe, expect, it } from 'vitest'
import { cannotBeHandled, checkFields, strictDecodingError, unknownFieldText } from './check-fields.ts'
import { schemaOf } from './schema.ts'

const deployment = schemaOf({ group: 'apps', version: 'v1', kind: 'Deployment' })!
const pod = schemaOf({ group: '', version: 'v1', kind: 'Pod' })!
const service = schemaOf({ group: '', version: 'v1', kind: 'Service' })!
const crd = schemaOf({ group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' })!

const mismatch = (value: unknown, schema = pod): string | undefined => checkFields(value, schema).mismatches[0]?.message

describe('checkFields', () => {
  it('finds nothing in a well-formed object, and then allocates no result', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'a',
        labels: { a: 'b' },
        creationTimestamp: null,
        managedFields: [{ fieldsV1: { 'f:a': {} } }],
      },
      spec: {
        containers: [{ name: 'c', resources: { limits: { cpu: 1, memory: '1Gi' } }, ports: [{ containerPort: 80 }] }],
      },
    }
    expect(checkFields(object, pod)).toBe(checkFields({}, pod))
    expect(checkFields(object, pod)).toEqual({ unknown: [], mismatches: [] })
  })

  it('names unknown fields by their path, list indexes in brackets', () => {
    const object = {
      spec: { replicsa: 3, template: { spec: { containers: [{ name: 'a' }, { name: 'b', imge: 'x' }] } } },
      extra: {},
    }
    expect(checkFields(object, deployment).unknown).toEqual([
      'spec.replicsa',
      'spec.template.spec.containers[1].imge',
      'extra',
    ])
  })

  it('minds the case of names', () => {
    expect(checkFields({ spec: { Containers: [] } }, pod).unknown).toEqual(['spec.Containers'])
  })

  it('says what Go says about a value of the wrong type', () => {
    expect(mismatch({ spec: { replicas: 'three' } }, deployment)).toBe(
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    )
    expect(mismatch({ spec: { containers: [{ image: 7 }] } })).toBe(
      'json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string',
    )
    expect(mismatch({ spec: { containers: {} } })).toBe(
      'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
    )
    expect(mismatch({ spec: 'x' })).toBe(
      'json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec',
    )
    expect(mismatch({ metadata: { labels: ['a'] } })).toBe(
      'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    )
    expect(mismatch({ spec: { hostNetwork: 'yes' } })).toBe(
      'json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool',
    )
    expect(mismatch({ spec: { ports: [{ targetPort: true }] } }, service)).toBe(
      'json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.targetPort of type int32',
    )
  })

  it('refuses integers that are fractions or out of range', () => {
    expect(mismatch({ spec: { replicas: 1.5 } }, deployment)).toContain('cannot unmarshal number 1.5 into')
    expect(mismatch({ spec: { replicas: 2 ** 31 } }, deployment)).toContain('of type int32')
    expect(mismatch({ metadata: { generation: 2 ** 31 } }, deployment)).toBeUndefined()
  })

  it('refuses texts that are no quantity, time or base64', () => {
    const limits = (memory: unknown) => ({ spec: { containers: [{ resources: { limits: { memory } } }] } })
    expect(mismatch(limits('lots'))).toMatch(
      /^spec\.containers\[0\]\.resources\.limits\.memory: quantities must match the regular expression/,
    )
    expect(mismatch(limits('1.5Gi'))).toBeUndefined()
    expect(mismatch({ metadata: { creationTimestamp: 'today' } })).toContain(
      'metadata.creationTimestamp: parsing time "today"',
    )
    const secret = schemaOf({ group: '', version: 'v1', kind: 'Secret' })!
    expect(mismatch({ data: { a: 'a-b=' } }, secret)).toBe('data.a: illegal base64 data at input byte 1')
    expect(mismatch({ data: { a: 'YQ==', b: '' } }, secret)).toBeUndefined()
  })

  it('tells the path of a mismatch with its list index', () => {
    expect(checkFields({ spec: { containers: [{}, { ports: 'x' }] } }, pod).mismatches[0]?.path).toBe(
      'spec.containers[1].ports',
    )
  })

  it('follows a schema that contains itself', () => {
    const schema = { type: 'object', properties: { a: { properties: { b: { typ: 'string' } } } } }
    const object = { spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: schema } }] } }
    expect(checkFields(object, crd).unknown).toEqual([
      'spec.versions[0].schema.openAPIV3Schema.properties.a.properties.b.typ',
    ])
  })

  it('refuses an object that is nested without end', () => {
    let schema: Record<string, unknown> = {}
    for (let level = 0; level < 100_000; level++) schema = { not: schema }
    const object = { spec: { versions: [{ schema: { openAPIV3Schema: schema } }] } }
    expect(checkFields(object, crd).mismatches).toEqual([{ path: 'spec', message: 'exceeded max depth' }])
  })

  it('stops collecting after a hundred problems', () => {
    const object = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${index}`, 1]))
    expect(checkFields(object, pod).unknown).toHaveLength(100)
  })
})

describe('the errors made of a check', () => {
  const kind = { kind: 'Deployment', version: 'v1' }

  it('reads like the API server', () => {
    expect(cannotBeHandled(kind, 'because').message).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: because',
    )
    const error = strictDecodingError(kind, [unknownFieldText('spec.a'), unknownFieldText('spec.b')])
    expect(error).toMatchObject({ code: 400, reason: 'BadRequest' })
    expect(error.message).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.a", unknown field "spec.b"',
    )
  })
})

import { describe, expect, it } from 'vitest'
import { applyDeclaredDefaults } from './defaults.ts'
import { prune } from './prune.ts'
import { schemaOf } from './schema.ts'
import type { ObjectSchema } from './type-schema.ts'

const pod = schemaOf({ group: '', version: 'v1', kind: 'Pod' })!

describe('prune', () => {
  it('returns the very object when there is nothing to do', () => {
    const object = { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    expect(prune(object, pod)).toBe(object)
  })

  it('removes unknown fields at every depth, and copies only what changes', () => {
    const object = { metadata: { name: 'a' }, foo: 1, spec: { containers: [{ name: 'c', imge: 'i' }], volumes: [{}] } }
    const before = structuredClone(object)
    const after = prune(object, pod)
    expect(after).toEqual({ metadata: { name: 'a' }, spec: { containers: [{ name: 'c' }], volumes: [{}] } })
    expect(object).toEqual(before)
    expect(after.metadata).toBe(object.metadata)
    expect(after.spec.volumes).toBe(object.spec.volumes)
  })

  it('drops null fields, and makes null in maps and lists the zero value', () => {
    const object = {
      metadata: { creationTimestamp: null, labels: { a: null }, finalizers: [null, 'x'] },
      spec: { containers: null, hostNetwork: null, volumes: [null] },
    }
    expect(prune(object, pod)).toEqual({
      metadata: { labels: { a: '' }, finalizers: ['', 'x'] },
      spec: { volumes: [{}] },
    })
  })

  it('writes quantities and times canonically', () => {
    const object = {
      metadata: { deletionTimestamp: '2026-01-02T03:04:05.678+01:00' },
      spec: { containers: [{ resources: { limits: { cpu: 0.5, memory: '1024Mi', pods: 2 } } }] },
    }
    expect(prune(object, pod)).toEqual({
      metadata: { deletionTimestamp: '2026-01-02T02:04:05Z' },
      spec: { containers: [{ resources: { limits: { cpu: '500m', memory: '1Gi', pods: '2' } } }] },
    })
    const lease = schemaOf({ group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' })!
    expect(prune({ spec: { renewTime: '2026-01-02T03:04:05.6Z' } }, lease)).toEqual({
      spec: { renewTime: '2026-01-02T03:04:05.600000Z' },
    })
  })

  it('keeps raw values as they are', () => {
    const revision = schemaOf({ group: 'apps', version: 'v1', kind: 'ControllerRevision' })!
    const object = { data: { anything: [null, { x: null }] }, revision: 1 }
    expect(prune(object, revision)).toBe(object)
  })

  it('keeps unknown fields and nulls where a schema says so', () => {
    const open: ObjectSchema = { ...pod, preserveUnknownFields: true }
    const object = { spec: {}, foo: null, bar: { baz: null } }
    expect(prune(object, open)).toBe(object)
  })

  it('does not let a key named __proto__ touch a prototype', () => {
    const object = JSON.parse('{"metadata":{"labels":{"a":null,"__proto__":"x"}}}') as object
    const labels = (prune(object, pod) as { metadata: { labels: object } }).metadata.labels
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype)
    expect(Object.keys(labels)).toEqual(['a', '__proto__'])
  })
})

describe('applyDeclaredDefaults', () => {
  it('sets what is missing in objects that exist, and creates none', () => {
    const object = {
      spec: { containers: [{ ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }] }, {}] },
    }
    applyDeclaredDefaults(object, pod)
    expect(object).toEqual({
      spec: {
        containers: [
          {
            ports: [
              { containerPort: 80, protocol: 'TCP' },
              { containerPort: 53, protocol: 'UDP' },
            ],
          },
          {},
        ],
      },
    })
  })

  it('reads the defaults of our own kinds', () => {
    const lab = schemaOf({ group: 'lab.orrery.dev', version: 'v1', kind: 'Lab' })!
    const object = { spec: { provider: 'sandbox', workers: 2 } }
    applyDeclaredDefaults(object, lab)
    expect(object.spec).toMatchObject({ proxyMode: 'iptables', power: 'On' })
  })

  it('ignores a default of an empty object', () => {
    const schema: ObjectSchema = {
      ...pod,
      fields: new Map([['spec', { ...pod.fields.get('spec')!, default: {} }]]),
    }
    const object = {}
    applyDeclaredDefaults(object, schema)
    expect(object).toEqual({})
  })
})

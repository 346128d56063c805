import { describe, expect, it } from 'vitest'
import { service } from '../../src-main/api/kinds/core/service.ts'
import { fromYaml, toYaml } from './object-yaml.ts'

describe('an object as YAML', () => {
  it('begins with what it is, ends with its status, and hides who wrote what', () => {
    const text = toYaml(service, {
      ...{ status: { loadBalancer: {} }, spec: { ports: [] } },
      metadata: { name: 'web', managedFields: [{ manager: 'x' }] },
    } as object)
    expect(text).toBe(
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports: []\nstatus:\n  loadBalancer: {}\n',
    )
  })

  it('is read back', () => {
    expect(fromYaml('kind: Pod\nmetadata: {name: a}')).toEqual({ kind: 'Pod', metadata: { name: 'a' } })
  })

  it('means what it means to the API server', () => {
    const data = { a: 'yes', b: '0644', c: '12:30', d: '2020-01-01' }
    expect(toYaml(service, { data } as object)).toContain('a: "yes"\n  b: "0644"')
    expect(fromYaml(toYaml(service, { data } as object))).toMatchObject({ data })
    expect(fromYaml('mode: 0644\non: no\nat: 2020-01-01T00:00:00Z\nratio: 12:30')).toEqual({
      ...{ mode: 420, true: false, at: '2020-01-01T00:00:00Z', ratio: '12:30' },
    })
  })

  it.each(['- a', 'text', 'a: [', ''])('refuses %j', (text) => {
    expect(() => fromYaml(text)).toThrowError(expect.objectContaining({ code: 'NotAnObject' }) as Error)
  })
})

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

  it.each(['- a', 'text', 'a: [', ''])('refuses %j', (text) => {
    expect(() => fromYaml(text)).toThrowError(expect.objectContaining({ code: 'NotAnObject' }) as Error)
  })
})

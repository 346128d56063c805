import { describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/api/kinds/apps/deployment.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { httpRequest, kubectl, shellWord } from './command-line.ts'

describe('the other ways to do what a button does', () => {
  it('leaves a plain word alone and quotes any other', () => {
    expect(shellWord('web-1.2')).toBe('web-1.2')
    expect(shellWord("it's $HOME")).toBe(`'it'\\''s $HOME'`)
    expect(shellWord('')).toBe("''")
  })

  it('names the namespace of what has one', () => {
    expect(kubectl({ namespace: 'shop', name: 'web' }, 'delete', 'pod', 'web')).toBe('kubectl -n shop delete pod web')
    expect(kubectl({ name: 'worker-1' }, 'get', 'node', 'worker-1')).toBe('kubectl get node worker-1')
  })

  it('shows the request with its query and its body', () => {
    expect(httpRequest('DELETE', pod, { namespace: 'shop', name: 'web' })).toBe(
      'DELETE /api/v1/namespaces/shop/pods/web',
    )
    const target = { namespace: 'shop', name: 'web' }
    expect(httpRequest('PATCH', deployment, target, { subresource: 'scale', body: { spec: { replicas: 3 } } })).toBe(
      'PATCH /apis/apps/v1/namespaces/shop/deployments/web/scale\n\n{"spec":{"replicas":3}}',
    )
  })
})

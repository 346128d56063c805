import { describe, expect, it } from 'vitest'
import { requestInfo } from './request-info.ts'

const info = (method: string, target: string) => {
  const url = new URL(target, 'http://localhost')
  return requestInfo({ method, path: url.pathname, query: url.searchParams })
}
const nothing = { group: '', version: 'v1', namespace: '', name: '', subresource: '', rest: [] }

describe('a path', () => {
  it.each([
    ['GET', '/api/v1/pods', 'list', { plural: 'pods' }],
    ['GET', '/api/v1/pods?watch=true', 'watch', { plural: 'pods' }],
    ['GET', '/api/v1/pods?watch=false', 'list', { plural: 'pods' }],
    ['GET', '/api/v1/pods?watch=yes', 'watch', { plural: 'pods' }],
    ['POST', '/api/v1/namespaces/a/pods', 'create', { plural: 'pods', namespace: 'a' }],
    ['GET', '/api/v1/namespaces/a', 'get', { plural: 'namespaces', namespace: 'a', name: 'a' }],
    [
      'PUT',
      '/api/v1/namespaces/a/finalize',
      'update',
      { plural: 'namespaces', namespace: 'a', name: 'a', subresource: 'finalize' },
    ],
    [
      'GET',
      '/api/v1/namespaces/a/pods/p/log',
      'get',
      { plural: 'pods', namespace: 'a', name: 'p', subresource: 'log' },
    ],
    [
      'PATCH',
      '/apis/apps/v1/namespaces/a/deployments/d',
      'patch',
      { group: 'apps', plural: 'deployments', namespace: 'a', name: 'd' },
    ],
    [
      'DELETE',
      '/apis/apps/v1/namespaces/a/deployments',
      'deletecollection',
      { group: 'apps', plural: 'deployments', namespace: 'a' },
    ],
    ['GET', '/api/v1/nodes/n/proxy/a/b', 'get', { plural: 'nodes', name: 'n', subresource: 'proxy', rest: ['a', 'b'] }],
    [
      'GET',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode',
      'get',
      { group: 'rbac.authorization.k8s.io', plural: 'clusterroles', name: 'system:node' },
    ],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dp', 'list', { plural: 'pods', name: 'p' }],
  ])('%s %s is to %s', (method, target, verb, parts) => {
    expect(info(method, target)).toMatchObject({ type: 'resource', verb, target: { ...nothing, ...parts } })
  })

  it.each(['/', '/api', '/apis', '/api/v1', '/apis/apps', '/apis/apps/v1', '/healthz', '/openapi/v3'])(
    '%s is no resource',
    (path) => {
      expect(info('GET', path)).toEqual({ type: 'path', verb: 'get', path })
    },
  )

  it('that is badly encoded is refused', () => {
    expect(() => requestInfo({ method: 'GET', path: '/api/v1/pods/%zz', query: new URLSearchParams() })).toThrow(
      expect.objectContaining({ code: 400 }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import type { UserInfo } from '../request.ts'
import { authorize, isAllowed } from './authorization.ts'
import { requestInfo } from './request-info.ts'

const access = (request: string) => {
  const [method = '', target = ''] = request.split(' ')
  const url = new URL(target, 'http://localhost')
  return requestInfo({ method, path: url.pathname, query: url.searchParams })
}
const user = (name: string, ...groups: string[]): UserInfo => ({ name, groups: [...groups, 'system:authenticated'] })
const scheduler = user('system:kube-scheduler')
const node = user('system:node:n1', 'system:nodes')
const controllers = user('system:kube-controller-manager')
const proxy = user('system:kube-proxy')
const lab = user('orrery:lab')
const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

describe('the table of rights', () => {
  it.each<[UserInfo, string]>([
    [user('boss', 'system:masters'), 'DELETE /api/v1/nodes/n1'],
    [scheduler, 'POST /api/v1/namespaces/default/pods/p/binding'],
    [scheduler, 'GET /api/v1/pods?watch=true'],
    [controllers, 'DELETE /apis/apps/v1/namespaces/x/replicasets'],
    [controllers, 'PUT /api/v1/namespaces/x/finalize'],
    [node, 'PATCH /api/v1/nodes/n1/status'],
    [node, 'POST /api/v1/nodes'],
    [node, 'PATCH /api/v1/namespaces/default/pods/p/status'],
    [node, 'PUT /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1'],
    [proxy, 'GET /apis/discovery.k8s.io/v1/endpointslices?watch=1'],
    [proxy, 'GET /apis/lab.orrery.dev/v1/labs?watch=1'],
    [lab, 'PUT /apis/lab.orrery.dev/v1/machines/m1/status'],
    [anonymous, 'GET /livez'],
    [scheduler, 'GET /apis/apps/v1'],
    [user('jo'), 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
    [user('jo'), 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews'],
  ])('lets $name %s', (who, request) => {
    expect(isAllowed(who, access(request))).toBe(true)
  })

  it.each<[UserInfo, string]>([
    [scheduler, 'GET /api/v1/secrets'],
    [scheduler, 'PUT /api/v1/namespaces/default/pods/p'],
    [node, 'PATCH /api/v1/nodes/n2/status'],
    [node, 'PUT /apis/coordination.k8s.io/v1/namespaces/kube-system/leases/n1'],
    [node, 'DELETE /api/v1/nodes/n1'],
    [proxy, 'GET /api/v1/pods'],
    [proxy, 'PATCH /apis/lab.orrery.dev/v1/labs/default'],
    [lab, 'GET /api/v1/secrets'],
    [user('nobody'), 'GET /api/v1/pods'],
    [user('nobody'), 'POST /apis/authorization.k8s.io/v1/subjectaccessreviews'],
    [user('constructor', '__proto__'), 'GET /api/v1/pods'],
    [anonymous, 'GET /apis'],
    [anonymous, 'POST /livez'],
    [anonymous, 'GET /metrics'],
  ])('does not let $name %s', (who, request) => {
    expect(isAllowed(who, access(request))).toBe(false)
  })

  it.each([
    [
      'GET /api/v1/namespaces/default/pods',
      'pods is forbidden: User "jo" cannot list resource "pods" in API group "" in the namespace "default"',
    ],
    [
      'GET /apis/apps/v1/namespaces/a/deployments/web/scale',
      'deployments.apps "web" is forbidden: User "jo" cannot get resource "deployments/scale" in API group "apps" in the namespace "a"',
    ],
    [
      'GET /api/v1/nodes?watch=true',
      'nodes is forbidden: User "jo" cannot watch resource "nodes" in API group "" at the cluster scope',
    ],
    ['GET /metrics', 'forbidden: User "jo" cannot get path "/metrics"'],
  ])('refuses %s in words that clients know', (request, message) => {
    expect(() => authorize(user('jo'), access(request))).toThrow(expect.objectContaining({ code: 403, message }))
  })
})

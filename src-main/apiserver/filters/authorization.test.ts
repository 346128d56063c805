import { beforeAll, describe, expect, it } from 'vitest'
import { startTestServer } from '../../../test/support/api-server.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { UserInfo } from '../request.ts'
import { controllerIdentity } from '../../cluster/identities.ts'
import { authorize } from './authorization.ts'
import { requestInfo } from './request-info.ts'

const access = (request: string) => {
  const [method = '', target = ''] = request.split(' ')
  const url = new URL(target, 'http://localhost')
  return requestInfo({ method, path: url.pathname, query: url.searchParams })
}
const user = (name: string, ...groups: string[]): UserInfo => ({ name, groups: [...groups, 'system:authenticated'] })
const scheduler = user('system:kube-scheduler')
const node = user('system:node:n1', 'system:nodes')
const manager = user('system:kube-controller-manager')
const proxy = user('system:kube-proxy')
const lab = user('orrery:lab')
const robot = user('system:serviceaccount:default:robot', 'system:serviceaccounts', 'system:serviceaccounts:default')
const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

let authorizer: Authorizer
beforeAll(async () => {
  ;({ authorizer } = (await startTestServer()).server)
})

describe('the rights of a new cluster', () => {
  it.each<[UserInfo, string]>([
    [user('boss', 'system:masters'), 'DELETE /api/v1/nodes/n1'],
    [scheduler, 'POST /api/v1/namespaces/default/pods/p/binding'],
    [scheduler, 'GET /api/v1/pods?watch=true'],
    [manager, 'GET /api/v1/secrets?watch=true'],
    [controllerIdentity('deployment-controller'), 'POST /apis/apps/v1/namespaces/x/replicasets'],
    [controllerIdentity('namespace-controller'), 'PUT /api/v1/namespaces/x/finalize'],
    [controllerIdentity('generic-garbage-collector'), 'DELETE /apis/example.com/v1/namespaces/x/things/t'],
    [controllerIdentity('node-lifecycle-controller'), 'PUT /api/v1/nodes/n1/status'],
    [node, 'PATCH /api/v1/nodes/n1/status'],
    [node, 'POST /api/v1/nodes'],
    [node, 'GET /api/v1/nodes/n1'],
    [node, 'GET /api/v1/nodes?watch=1&fieldSelector=metadata.name%3Dn1'],
    [node, 'GET /api/v1/pods?watch=1&fieldSelector=spec.nodeName%3Dn1'],
    [node, 'PATCH /api/v1/namespaces/default/pods/p/status'],
    [node, 'PUT /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1'],
    [proxy, 'GET /apis/discovery.k8s.io/v1/endpointslices?watch=1'],
    [proxy, 'GET /apis/lab.orrery.dev/v1/labs?watch=1'],
    [lab, 'PUT /apis/lab.orrery.dev/v1/machines/m1/status'],
    [anonymous, 'GET /livez'],
    [scheduler, 'GET /apis/apps/v1'],
    [robot, 'GET /openid/v1/jwks'],
    [robot, 'GET /apis/certificates.k8s.io/v1beta1/clustertrustbundles'],
    [user('m', 'system:monitoring'), 'GET /metrics'],
    [user('jo'), 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
    [user('jo'), 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews'],
  ])('let $name %s', (who, request) => {
    expect(authorizer.decide(who, access(request)).allowed).toBe(true)
  })

  it.each<[UserInfo, string]>([
    [scheduler, 'GET /api/v1/secrets'],
    [scheduler, 'PUT /api/v1/namespaces/default/pods/p'],
    [manager, 'DELETE /api/v1/namespaces/default/pods/p'],
    [controllerIdentity('deployment-controller'), 'GET /api/v1/secrets'],
    [controllerIdentity('deployment-controller'), 'DELETE /api/v1/namespaces/x/pods/p'],
    [controllerIdentity('job-controller'), 'PUT /apis/apps/v1/namespaces/x/deployments/d'],
    [controllerIdentity('namespace-controller'), 'POST /api/v1/namespaces/x/secrets'],
    [node, 'GET /api/v1/nodes'],
    [node, 'GET /api/v1/nodes/n2'],
    [node, 'GET /api/v1/pods'],
    [node, 'GET /api/v1/pods?fieldSelector=spec.nodeName%3Dn2'],
    [node, 'GET /api/v1/secrets'],
    [node, 'GET /api/v1/namespaces/default/secrets/s'],
    [node, 'PUT /apis/coordination.k8s.io/v1/namespaces/kube-system/leases/n1'],
    [node, 'PUT /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n2'],
    [node, 'DELETE /api/v1/nodes/n1'],
    [proxy, 'GET /api/v1/pods'],
    [proxy, 'PATCH /apis/lab.orrery.dev/v1/labs/default'],
    [lab, 'GET /api/v1/secrets'],
    [user('nobody'), 'GET /api/v1/pods'],
    [user('nobody'), 'GET /openid/v1/jwks'],
    [user('nobody'), 'POST /apis/authorization.k8s.io/v1/subjectaccessreviews'],
    [user('constructor', '__proto__'), 'GET /api/v1/pods'],
    [anonymous, 'GET /apis'],
    [anonymous, 'POST /livez'],
    [anonymous, 'GET /metrics'],
  ])('do not let $name %s', (who, request) => {
    expect(authorizer.decide(who, access(request)).allowed).toBe(false)
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
  ])('refuse %s in words that clients know', (request, message) => {
    expect(() => authorize(user('jo'), access(request), authorizer)).toThrow(
      expect.objectContaining({ code: 403, message }),
    )
  })
})

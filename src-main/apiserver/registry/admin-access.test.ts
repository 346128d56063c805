import { beforeEach, describe, expect, it } from 'vitest'
import { kindByName } from '../../api/kinds/index.ts'
import { namespace } from '../../api/kinds/core/namespace.ts'
import type { Kind } from '../../api/define-kind.ts'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'

const kindNamed = (version: string, name: string): Kind => kindByName(`resource.k8s.io/${version}`, name)!
const label = 'resource.kubernetes.io/admin-access'
const words = `Forbidden: admin access to devices requires the \`${label}: true\` label on the containing namespace`
const wish = { deviceClassName: 'gpu', adminAccess: true }
const nested = { devices: { requests: [{ name: 'a', exactly: wish }] } }
const flat = { devices: { requests: [{ name: 'a', ...wish }] } }

let test: TestServer
beforeEach(async () => {
  test = await startTestServer()
  await test.client.create(namespace, { metadata: { name: 'admins', labels: { [label]: 'true' } } })
})

describe('access to devices that others use', () => {
  it.each<[string, string, object]>([
    ['v1', 'ResourceClaim', nested],
    ['v1beta1', 'ResourceClaim', flat],
    ['v1', 'ResourceClaimTemplate', { spec: nested }],
    ['v1beta1', 'ResourceClaimTemplate', { spec: flat }],
  ])('goes only to namespaces that are labelled: %s %s', async (version, name, spec) => {
    const create = (ns: string): Promise<unknown> =>
      test.client.create(kindNamed(version, name), { metadata: { name: 'a', namespace: ns }, spec } as never)
    await expect(create('default')).rejects.toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining(`spec.devices.requests[0].adminAccess: ${words}`) as string,
    })
    await create('admins')
  })

  it('is granted by no status elsewhere', async () => {
    const claims = kindNamed('v1', 'ResourceClaim')
    const requests = [{ name: 'a', exactly: { deviceClassName: 'gpu' } }]
    const metadata = { name: 'a', namespace: 'default' }
    const claim = await test.client.create(claims, { metadata, spec: { devices: { requests } } } as never)
    const result = { request: 'a', driver: 'd.io', pool: 'p', device: 'd', adminAccess: true }
    const status = { allocation: { devices: { results: [result] } } }
    const path = 'status.allocation.devices.results[0].adminAccess'
    await expect(
      test.client.update(claims, { ...claim, status } as never, { subresource: 'status' }),
    ).rejects.toMatchObject({
      message: expect.stringContaining(`${path}: ${words}`) as string,
    })
  })
})

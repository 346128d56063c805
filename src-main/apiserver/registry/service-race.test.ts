/** Two servers on one store give out addresses and ports from the same ranges. */
import { expect, it } from 'vitest'
import { service } from '../../api/kinds/core/service.ts'
import { createClient } from '../../client/resource-client.ts'
import { admin, startTestServer } from '../../../test/support/api-server.ts'
import { seededRandom } from '../../lib/random.ts'

const aService = (name: string, spec: object = {}) => ({
  metadata: { name, namespace: 'default' },
  spec: { type: 'NodePort', ports: [{ port: 80 }], ...spec },
})

async function twoServers() {
  const one = await startTestServer({ random: seededRandom(7) })
  // As a store that several servers share: a server waits until it has seen what was committed.
  Object.assign(one.store, { fresh: () => new Promise((resolve) => setImmediate(resolve)) })
  // The same numbers come to both of them.
  const two = await startTestServer({ store: one.store, clock: one.clock, random: seededRandom(7) })
  return [one.client, createClient(two.server.transport(admin))] as const
}

it('a number that another server takes at the same moment is another one, and the client hears nothing of it', async () => {
  const [one, two] = await twoServers()
  const names = Array.from({ length: 20 }, (_, index) => index)
  const made = await Promise.all(
    names.flatMap((index) => [one.create(service, aService(`a${index}`)), two.create(service, aService(`b${index}`))]),
  )
  expect(new Set(made.map(({ spec }) => spec?.clusterIP)).size).toBe(40)
  expect(new Set(made.map(({ spec }) => spec?.ports?.[0]?.nodePort)).size).toBe(40)
})

it('a number that was asked for is said to be taken', async () => {
  const [one, two] = await twoServers()
  const wish = { ports: [{ port: 80, nodePort: 30123 }] }
  const ends = await Promise.allSettled([
    one.create(service, aService('a', wish)),
    two.create(service, aService('b', wish)),
  ])
  expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const refused = ends.find((end) => end.status === 'rejected')
  expect(refused?.reason).toMatchObject({
    code: 422,
    details: { causes: [{ field: 'spec.ports[0].nodePort', message: expect.stringContaining('already allocated') }] },
  })
})

it('an update that needs a number goes on as long as its object is the one that the client has seen', async () => {
  const [one, two] = await twoServers()
  const plain = { type: 'ClusterIP' }
  const [a, b] = [await one.create(service, aService('a', plain)), await one.create(service, aService('b', plain))]
  const exposed = await Promise.all([
    one.update(service, { ...a, spec: { ...a.spec, type: 'NodePort' } }),
    two.update(service, { ...b, spec: { ...b.spec, type: 'NodePort' } }),
  ])
  const ports = exposed.map(({ spec }) => spec?.ports?.[0]?.nodePort)
  expect(new Set(ports).size).toBe(2)
})

it('a port that another server has freed can be had again', async () => {
  const [one, two] = await twoServers()
  const wish = { ports: [{ port: 80, nodePort: 30123 }] }
  await one.create(service, aService('a', wish))
  await two.get(service, { namespace: 'default', name: 'a' })
  await one.delete(service, { namespace: 'default', name: 'a' })
  await two.create(service, aService('b', wish))
  await two.delete(service, { namespace: 'default', name: 'b' })
  expect((await one.create(service, aService('c', wish))).spec?.ports?.[0]?.nodePort).toBe(30123)
})

/** A LimitRange over its life, and the resources of the pods that are made under it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limitRange } from '../../src-main/api/kinds/core/limit-range.ts'
import { namespace as namespaceKind } from '../../src-main/api/kinds/core/namespace.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { serviceAccount } from '../../src-main/api/kinds/core/service-account.ts'
import type { ResourceRequirements } from '../../src-main/api/types/core-v1.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'

const namespace = 'limits'
const at = { namespace, name: 'range' }
const amounts = (cpu: string, memory: string, storage: string) => ({ cpu, memory, 'ephemeral-storage': storage })
const min = amounts('50m', '100Mi', '100Gi')
const max = amounts('500m', '500Mi', '500Gi')
const defaults = amounts('500m', '500Mi', '500Gi')
const requests = amounts('100m', '200Mi', '200Gi')

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  const { client } = server
  await client.create(namespaceKind, { metadata: { name: namespace } })
  await client.create(serviceAccount, { metadata: { name: 'default', namespace } })
})
afterAll(() => server.server.dispose())

const make = (name: string, resources: ResourceRequirements) =>
  server.client.create(pod, {
    metadata: { namespace, name },
    spec: { containers: [{ name: 'pause', image: 'x', resources }] },
  })
const resourcesOf = async (name: string, resources: ResourceRequirements): Promise<unknown> =>
  (await make(name, resources)).spec?.containers[0]?.resources

describe('a LimitRange', () => {
  it('is made, found by a watch and a list, and read as it was written', async () => {
    const { client } = server
    const { resourceVersion } = await client.list(limitRange, { namespace })
    const spec = {
      limits: [
        {
          ...{ type: 'Container', min, max, default: defaults, defaultRequest: requests },
          maxLimitRequestRatio: { cpu: '10' },
        },
      ],
    }
    const over = new AbortController()
    const watch = client.watch(limitRange, { namespace, resourceVersion, signal: over.signal })
    await client.create(limitRange, { metadata: at, spec })
    for await (const event of watch) {
      expect(event).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'range' } } })
      break
    }
    over.abort()
    expect((await client.list(limitRange, { namespace })).items).toHaveLength(1)
    expect((await client.get(limitRange, at)).spec).toEqual(spec)
  })

  it('gives a pod what it does not ask for, and leaves what it does', async () => {
    expect(await resourcesOf('none', {})).toEqual({ limits: defaults, requests })
    const some = { requests: { cpu: '300m', memory: '150Mi' }, limits: { cpu: '300m', 'ephemeral-storage': '400Gi' } }
    expect(await resourcesOf('some', some)).toEqual({
      // What has a limit and no request requests its limit, before anybody looks at the range.
      requests: { cpu: '300m', memory: '150Mi', 'ephemeral-storage': '400Gi' },
      limits: { cpu: '300m', memory: '500Mi', 'ephemeral-storage': '400Gi' },
    })
  })

  it('refuses a pod that asks for less or more', async () => {
    await expect(make('small', { requests: amounts('10m', '50Mi', '50Gi') })).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining('minimum cpu usage per Container is 50m, but request is 10m'),
    })
    const large = amounts('600m', '600Mi', '600Gi')
    await expect(make('large', { requests: large, limits: large })).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining('maximum memory usage per Container is 500Mi, but limit is 600Mi'),
    })
  })

  it('allows at once what it allows after an update, and everything when it is gone', async () => {
    const { client } = server
    const range = await client.get(limitRange, at)
    const [limits] = range.spec?.limits ?? []
    const lower = amounts('9m', '49Mi', '49Gi')
    await client.update(limitRange, { ...range, spec: { limits: [{ ...limits!, min: lower }] } })
    expect((await client.get(limitRange, at)).spec?.limits[0]?.min).toEqual(lower)
    const little = amounts('60m', '50Mi', '50Gi')
    expect(await resourcesOf('small', { requests: little })).toEqual({ requests: little, limits: defaults })
    const large = amounts('600m', '600Mi', '600Gi')
    await expect(make('large', { requests: large, limits: large })).rejects.toMatchObject({ code: 403 })
    await client.delete(limitRange, at)
    await expect(client.get(limitRange, at)).rejects.toMatchObject({ code: 404 })
    expect(await resourcesOf('large', { requests: large, limits: large })).toEqual({ requests: large, limits: large })
  })
})

import { describe, expect, it } from 'vitest'
import { configMap } from '../../api/kinds/core/config-map.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'

async function withConfigMaps(lab: TestServer, ...names: string[]): Promise<void> {
  for (const name of names)
    await lab.client.create(configMap, {
      metadata: { name, namespace: 'default', labels: { first: name.slice(0, 1) } },
    })
}
const namesOf = (list: { items: readonly { metadata: { name: string } }[] }) =>
  list.items.map(({ metadata }) => metadata.name)

describe('a list in pages', () => {
  it('shows the state of its first page on every page', async () => {
    const lab = await startTestServer()
    await withConfigMaps(lab, 'a', 'c', 'e', 'g')
    const first = await lab.client.list(configMap, { namespace: 'default', limit: 2 })
    expect(namesOf(first)).toEqual(['a', 'c'])
    await withConfigMaps(lab, 'd')
    await lab.client.delete(configMap, { namespace: 'default', name: 'g' })
    const second = await lab.client.list(configMap, { namespace: 'default', limit: 2, continue: first.continue! })
    expect(namesOf(second)).toEqual(['e', 'g'])
    expect(second.resourceVersion).toBe(first.resourceVersion)
    expect(second.continue).toBeUndefined()
  })

  it('tells how many are left when nothing is selected', async () => {
    const lab = await startTestServer()
    await withConfigMaps(lab, 'a', 'b', 'c')
    const path = '/api/v1/namespaces/default/configmaps?limit=1'
    expect(await lab.send('GET', path)).toMatchObject({ remainingItemCount: 2 })
    expect(await lab.send('GET', `${path}&labelSelector=first`)).not.toHaveProperty('remainingItemCount')
  })

  it('leads on through the newest state when its own is forgotten', async () => {
    const lab = await startTestServer()
    await withConfigMaps(lab, 'a', 'b', 'c')
    const first = await lab.client.list(configMap, { limit: 1 })
    await withConfigMaps(lab, 'bb')
    await lab.store.compact(lab.store.revision)
    const failure = await lab.client.list(configMap, { limit: 1, continue: first.continue! }).catch((error) => error)
    expect(failure).toMatchObject({ code: 410, reason: 'Expired' })
    const rest = await lab.client.list(configMap, { continue: failure.toStatus().metadata.continue })
    expect(namesOf(rest)).toEqual(['b', 'bb', 'c'])
  })

  it.each(['nonsense', Buffer.from('{"v":"x"}').toString('base64url')])('refuses the token %s', async (token) => {
    const { client } = await startTestServer()
    await expect(client.list(configMap, { continue: token })).rejects.toMatchObject({ code: 400 })
  })
})

describe('a selective list', () => {
  it('goes by labels and by fields', async () => {
    const lab = await startTestServer()
    await withConfigMaps(lab, 'a1', 'a2', 'b1')
    expect(namesOf(await lab.client.list(configMap, { labelSelector: 'first=a' }))).toEqual(['a1', 'a2'])
    expect(namesOf(await lab.client.list(configMap, { fieldSelector: 'metadata.name=b1' }))).toEqual(['b1'])
    expect(
      namesOf(await lab.client.list(configMap, { fieldSelector: 'metadata.name!=b1', labelSelector: 'first' })),
    ).toEqual(['a1', 'a2'])
  })

  it('finds the pods of a node as they come, go and are bound', async () => {
    const { client } = await startTestServer()
    const onNode = async (name: string) => namesOf(await client.list(pod, { fieldSelector: `spec.nodeName=${name}` }))
    for (const name of ['p', 'q'])
      await client.create(pod, {
        metadata: { name, namespace: 'default' },
        spec: { containers: [{ name: 'c', image: 'x' }] },
      })
    expect(await onNode('n1')).toEqual([])
    await client.post(pod, { namespace: 'default', name: 'p' }, 'binding', { target: { kind: 'Node', name: 'n1' } })
    expect(await onNode('n1')).toEqual(['p'])
    expect(await onNode('')).toEqual(['q'])
    await client.delete(pod, { namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 })
    expect(await onNode('n1')).toEqual([])
  })

  it.each(['labelSelector=a%3D%3D%3Db', 'fieldSelector=spec.nodeName%3Dx', 'limit=x', 'resourceVersionMatch=Exact'])(
    'refuses %s',
    async (query) => {
      const { send } = await startTestServer()
      await expect(send('GET', `/api/v1/configmaps?${query}`)).rejects.toMatchObject({
        code: expect.toSatisfy((code) => code === 400 || code === 422),
      })
    },
  )

  it('of a revision that is still to come is refused', async () => {
    const { client } = await startTestServer()
    await expect(client.list(configMap, { resourceVersion: '100000' })).rejects.toMatchObject({ code: 504 })
  })
})

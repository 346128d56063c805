import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { customKinds } from '../../src-main/api/custom/custom-kinds.ts'
import type { Kind } from '../../src-main/api/define-kind.ts'
import { isReason } from '../../src-main/api/errors.ts'
import { customResourceDefinition } from '../../src-main/api/kinds/apiextensions/custom-resource-definition.ts'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { namespace } from '../../src-main/api/kinds/core/namespace.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import { aCronTab, aDefinition } from '../support/custom-resources.ts'
import { startWorkloadCluster, type WorkloadCluster } from '../support/workload-cluster.ts'

const [cronTabs] = customKinds(aDefinition()) as [Kind]
let cluster: WorkloadCluster

beforeEach(async () => {
  cluster = await startWorkloadCluster([])
  await define()
})
afterEach(() => cluster.stop())

async function define(): Promise<void> {
  await cluster.client.create(customResourceDefinition, aDefinition())
  await cluster.until(async () => {
    const { status } = await cluster.client.get(customResourceDefinition, { name: 'crontabs.stable.example.com' })
    return status?.conditions?.some(({ type, status: holds }) => type === 'Established' && holds === 'True') === true
  })
}
const gone = (look: () => Promise<unknown>) => async (): Promise<boolean> => {
  try {
    await look()
    return false
  } catch (error) {
    return isReason(error, 'NotFound')
  }
}
const owned = async (owner: Live<object>, name: string, inNamespace = 'default') =>
  cluster.client.create(configMap, {
    metadata: {
      ...{ name, namespace: inNamespace },
      ownerReferences: [
        { apiVersion: 'stable.example.com/v1', kind: 'CronTab', name: owner.metadata.name, uid: owner.metadata.uid },
      ],
    },
  })
const create = (name: string, inNamespace = 'default') =>
  cluster.client.create(cronTabs, { ...aCronTab(name), metadata: { name, namespace: inNamespace } })

describe('custom resources in a cluster', () => {
  it('own other objects, which go with them', async () => {
    await owned(await create('a'), 'of-a')
    await cluster.clock.advance(2000)
    await cluster.client.delete(cronTabs, { name: 'a', namespace: 'default' })
    await cluster.until(gone(() => cluster.client.get(configMap, { name: 'of-a', namespace: 'default' })))
  })

  it('go with their namespace', async () => {
    await cluster.client.create(namespace, { metadata: { name: 'other' } })
    await create('a', 'other')
    await cluster.client.delete(namespace, { name: 'other' })
    await cluster.until(gone(() => cluster.client.get(namespace, { name: 'other' })))
    expect((await cluster.client.list(cronTabs, {})).items).toEqual([])
  })

  it('go with their definition, and what they own with them; then all begins anew', async () => {
    await owned(await create('a'), 'of-a')
    await cluster.clock.advance(2000)
    await cluster.client.delete(customResourceDefinition, { name: 'crontabs.stable.example.com' })
    await cluster.until(gone(() => cluster.client.get(configMap, { name: 'of-a', namespace: 'default' })))
    await cluster.until(
      gone(() => cluster.client.get(customResourceDefinition, { name: 'crontabs.stable.example.com' })),
    )
    await define()
    await owned(await create('b'), 'of-b')
    await cluster.clock.advance(2000)
    await cluster.client.delete(cronTabs, { name: 'b', namespace: 'default' })
    await cluster.until(gone(() => cluster.client.get(configMap, { name: 'of-b', namespace: 'default' })))
    expect(cluster.complaints).toEqual([])
  })
})

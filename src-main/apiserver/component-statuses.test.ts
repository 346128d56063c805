import { expect, it } from 'vitest'
import { componentStatuses } from './component-statuses.ts'
import { WriteHealth } from './write-health.ts'

it('says why the store refuses writes, for as long as it does', async () => {
  const health = new WriteHealth(() => undefined)
  const statuses = componentStatuses(health)
  const store = async () => (await statuses.get('', 'etcd-0')) as { conditions?: { status: string; message: string }[] }
  expect((await store()).conditions).toMatchObject([{ type: 'Healthy', status: 'True' }])
  health.refused('the disk is full')
  expect((await store()).conditions).toMatchObject([{ type: 'Healthy', status: 'False', message: 'the disk is full' }])
  health.taken()
  expect(await statuses.list(undefined)).toMatchObject([{ conditions: [{ status: 'True' }] }])
})

it('knows no other component', async () => {
  expect(await componentStatuses(new WriteHealth(() => undefined)).get('', 'scheduler')).toBeUndefined()
})

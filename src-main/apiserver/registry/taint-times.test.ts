import { describe, expect, it } from 'vitest'
import { kindByName } from '../../api/kinds/index.ts'
import { startTestServer } from '../../../test/support/api-server.ts'

const taint = { key: 'broken', effect: 'NoSchedule' }

describe('a tainted device', () => {
  it.each<[string, object]>([
    ['v1', { taints: [taint] }],
    ['v1beta1', { basic: { taints: [taint] } }],
  ])('of %s is so since it was written', async (version, device) => {
    const { client, clock } = await startTestServer()
    const slices = kindByName(`resource.k8s.io/${version}`, 'ResourceSlice')!
    const pool = { name: 'p', generation: 1, resourceSliceCount: 1 }
    const spec = { driver: 'd.io', pool, allNodes: true, devices: [{ name: 'a', ...device }] }
    const created = await client.create(slices, { metadata: { name: 'a' }, spec } as never)
    expect(JSON.stringify(created)).toContain(`"timeAdded":"${created.metadata.creationTimestamp}"`)
    await clock.advance(5000)
    const after = await client.patch(slices, { name: 'a' }, { type: 'merge', patch: { spec: { driver: 'd.io' } } })
    expect(after).toEqual(created)
  })

  it('of a rule is so since its effect is', async () => {
    const { client, clock } = await startTestServer()
    const rules = kindByName('resource.k8s.io/v1beta2', 'DeviceTaintRule')!
    const timeOf = (rule: object): string => (rule as { spec: { taint: { timeAdded: string } } }).spec.taint.timeAdded
    const created = await client.create(rules, { metadata: { name: 'a' }, spec: { taint } } as never)
    expect(timeOf(created)).toBe(created.metadata.creationTimestamp)
    await clock.advance(5000)
    const change = (patch: object): Promise<object> =>
      client.patch(rules, { name: 'a' }, { type: 'merge', patch: { spec: { taint: patch } } })
    expect(timeOf(await change({ value: 'x' }))).toBe(timeOf(created))
    expect(Date.parse(timeOf(await change({ effect: 'NoExecute' }))) - Date.parse(timeOf(created))).toBe(5000)
  })
})

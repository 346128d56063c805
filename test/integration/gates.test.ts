/** The control loops held, stepped and run again, in a whole cluster on a virtual clock. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clock as clockKind, clockName } from '../../src-main/api/kinds/glass/clock.ts'
import { lease } from '../../src-main/api/kinds/coordination/lease.ts'
import { node } from '../../src-main/api/kinds/core/node.ts'
import { lab as labKind } from '../../src-main/api/kinds/lab/lab.ts'
import { isConditionTrue } from '../../src-main/api/meta/conditions.ts'
import type { ClockSpec, HeldStep } from '../../src-main/api/types/glass-v1.ts'
import { aDeployment, deploymentKind, startVirtualCluster, type VirtualCluster } from '../support/virtual-cluster.ts'

let running: VirtualCluster
beforeEach(async () => {
  running = await startVirtualCluster({ seed: 7, workers: 2 })
  await running.until(async () => (await readyNodes()) === 2)
})
afterEach(() => running.stop())

const client = () => running.cluster.client
const readyNodes = async (): Promise<number> => {
  const { items } = await client().list(node)
  return items.filter(({ status }) => isConditionTrue(status?.conditions, 'Ready')).length
}
const set = (spec: ClockSpec) => client().patch(clockKind, { name: clockName }, { type: 'merge', patch: { spec } })
const held = async (): Promise<readonly HeldStep[]> =>
  (await client().get(clockKind, { name: clockName })).status?.held ?? []
const isHeld = (gate: string, kind: string) => async (): Promise<boolean> =>
  (await held()).some((one) => one.gate === gate && one.kind === kind)

/** Lets the oldest held step at this gate through. */
async function step(gate: string, kind: string): Promise<void> {
  await running.until(isHeld(gate, kind))
  const next = (await held()).find((one) => one.gate === gate && one.kind === kind)
  await set({ step: next!.id })
}

describe('the clock of a cluster', () => {
  it('starts running', async () => {
    expect((await client().get(clockKind, { name: clockName })).spec?.mode).toBe('Run')
  })

  it('walks a deployment step by step to a running pod', async () => {
    await set({ mode: 'Hold' })
    await client().create(deploymentKind, aDeployment('web', 1))
    await running.until(isHeld('reconcile', 'Deployment'))
    await running.clock.advance(60_000)
    expect(await running.pods('app=web')).toEqual([])

    await step('reconcile', 'Deployment')
    await step('reconcile', 'ReplicaSet')
    await running.until(isHeld('schedule', 'Pod'))
    const [unbound] = await running.pods('app=web')
    expect(unbound?.spec?.nodeName).toBeUndefined()

    await step('schedule', 'Pod')
    await step('kubelet.start-sandbox', 'Pod')
    await running.until(isHeld('kubelet.start-container', 'Pod'))
    await running.clock.advance(60_000)
    expect((await running.pods('app=web'))[0]?.status?.phase).toBe('Pending')

    await step('kubelet.start-container', 'Pod')
    await running.until(async () => (await running.pods('app=web'))[0]?.status?.phase === 'Running')
  })

  it('keeps nodes Ready and their leases fresh for as long as it is held', async () => {
    await set({ mode: 'Hold' })
    await running.clock.advance(600_000)
    expect(await readyNodes()).toBe(2)
    const { items } = await client().list(lease, { namespace: 'kube-node-lease' })
    for (const { spec } of items) expect(running.clock.now() - Date.parse(spec?.renewTime ?? '')).toBeLessThan(20_000)
  })

  it('brings new workers up while it is held', async () => {
    await set({ mode: 'Hold' })
    await client().patch(labKind, { name: 'default' }, { type: 'merge', patch: { spec: { workers: 3 } } })
    await running.until(async () => (await readyNodes()) === 3)
  })

  it('catches up when it runs again', async () => {
    await set({ mode: 'Hold' })
    await client().create(deploymentKind, aDeployment('web', 3))
    await running.until(isHeld('reconcile', 'Deployment'))
    await set({ mode: 'Run' })
    await running.until(async () => (await running.pods('app=web')).every(({ status }) => status?.phase === 'Running'))
    expect(await held()).toEqual([])
  })

  it('holds a write of a user only where a breakpoint names it', async () => {
    await set({ breakpoints: [{ gate: 'apiserver.commit', kind: 'Deployment', name: 'web' }] })
    await client().create(deploymentKind, aDeployment('other', 0))
    const created = client().create(deploymentKind, aDeployment('web', 0))
    await running.until(isHeld('apiserver.commit', 'Deployment'))
    const { items } = await client().list(deploymentKind, { namespace: 'default' })
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['other'])
    await set({ breakpoints: [] })
    expect((await created).metadata.name).toBe('web')
  })

  it('changes nothing in a dry run', async () => {
    const patch = { spec: { mode: 'Hold' } }
    await client().patch(clockKind, { name: clockName }, { type: 'merge', patch }, { dryRun: true })
    expect((await client().get(clockKind, { name: clockName })).spec?.mode).toBe('Run')
  })

  it.each([
    ['a mode that it does not know', { mode: 'Rewind' }, 'spec.mode'],
    ['a gate that there is not', { breakpoints: [{ gate: 'nowhere' }] }, 'spec.breakpoints[0].gate'],
    ['a step that is not held', { step: '4711' }, 'spec.step'],
  ])('refuses %s', async (_, spec, path) => {
    await expect(set(spec)).rejects.toMatchObject({ code: 422, details: { causes: [{ field: path }] } })
  })
})

import { describe, expect, it } from 'vitest'
import { aContainer, aPod, aSandbox, planInput, seen } from '../../test/support/kubelet-builders.ts'
import type { Container, Pod } from '../api/types/core-v1.ts'
import { plan } from './plan.ts'
import { groupContainers } from './pod-containers.ts'
import { resizeOf, type ResizeState } from './resize.ts'
import { podStatus } from './status.ts'

const room = { milliCpu: 2000, memoryBytes: 2 ** 30 }
const has = { cpuShares: 102, cpuQuotaMicros: 10_000, memoryBytes: 2 ** 20 }
const wanting = (cpu: string, memory = '1Mi', more: Partial<Container> = {}): Container =>
  aContainer('web', { resources: { requests: { cpu, memory }, limits: { cpu, memory } }, ...more })
const running = [aSandbox(), { ...seen(), resources: has }]

function states(container: Container, neighbours: Pod[] = []): { resize: ResizeState; lines: string[] } {
  const pod = aPod({ containers: [container] })
  const resize = resizeOf(pod, groupContainers(running), room, () => neighbours)
  return { resize, lines: plan(planInput(pod, running, { resize })).actions.map(({ type }) => type) }
}

describe('a resize', () => {
  it('is none where the numbers are the same, or make no difference', () => {
    expect(states(wanting('100m')).lines).toEqual([])
  })

  it('changes a running container, or replaces it where its policy says so', () => {
    expect(states(wanting('200m')).lines).toEqual(['resize-container'])
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]
    expect(states(wanting('200m', '1Mi', { resizePolicy })).lines).toEqual(['resize-container'])
    expect(states(wanting('100m', '2Mi', { resizePolicy })).lines).toEqual(['kill-container'])
  })

  it('waits for room, and is not done where there never will be', () => {
    const other = aPod({ containers: [wanting('1500m')] }, { metadata: { ...aPod().metadata, uid: 'other' } })
    expect(states(wanting('600m'), [other])).toMatchObject({ resize: { pending: { reason: 'Deferred' } }, lines: [] })
    expect(states(wanting('400m'), [other]).lines).toEqual(['resize-container'])
    const { resize, lines } = states(wanting('3'))
    expect(lines).toEqual([])
    expect(resize.pending).toEqual({
      reason: 'Infeasible',
      message: "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000",
    })
  })

  it('shows in the status what was promised and what is, and starts with that meanwhile', () => {
    const before = { requests: { cpu: '100m', memory: '1Mi' }, limits: { cpu: '100m', memory: '1Mi' } }
    const container = { name: 'web', ready: true, restartCount: 0, image: '', imageID: '', resources: before }
    const pod = aPod(
      { containers: [wanting('3')] },
      { status: { containerStatuses: [{ ...container, allocatedResources: before.requests }] } },
    )
    const resize = resizeOf(pod, groupContainers(running), room, () => [])
    const more = { hostAddress: '10.0.0.1', terminationMessages: new Map<string, string>(), ending: false }
    const status = podStatus({ ...planInput(pod, running, { resize }), ...more })
    expect(status.containerStatuses?.[0]).toMatchObject({ resources: before, allocatedResources: before.requests })
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: 'PodResizePending', reason: 'Infeasible' }),
    )
    const [action] = plan(planInput({ ...pod, status }, [aSandbox()])).actions
    expect(action).toMatchObject({ type: 'start-container', entry: { container: { resources: before } } })
    const done = podStatus({ ...planInput(aPod({ containers: [wanting('100m')] }, { status }), running), ...more })
    expect(done.conditions?.map(({ type }) => type)).not.toContain('PodResizePending')
  })
})

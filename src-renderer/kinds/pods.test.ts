import { describe, expect, it } from 'vitest'
import type { ContainerState, Pod } from '../../src-main/api/types/core-v1.ts'
import { containerRows } from './containers.ts'
import { podState, restartsOf } from './pods.ts'

function aPod(phase: string, state?: ContainerState, ready = false, restartCount = 0): Pod {
  const status = {
    name: 'web',
    image: 'i',
    imageID: 'i',
    ready,
    restartCount,
    ...(state === undefined ? {} : { state }),
  }
  return {
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'web', image: 'i' }] },
    status: { phase, ...(state === undefined ? {} : { containerStatuses: [status] }) },
  }
}
const startedAt = '2026-01-01T00:00:00Z'

describe('the mark of a pod', () => {
  it.each([
    ['running', aPod('Running', { running: { startedAt } }, true)],
    ['warning', aPod('Running', { running: { startedAt } }, false)],
    ['waiting', aPod('Pending')],
    ['waiting', aPod('Pending', { waiting: { reason: 'ContainerCreating' } })],
    ['failed', aPod('Running', { waiting: { reason: 'CrashLoopBackOff' } })],
    ['failed', aPod('Pending', { waiting: { reason: 'ImagePullBackOff' } })],
    ['warning', aPod('Pending', { waiting: { reason: 'ErrImagePull' } })],
    ['failed', aPod('Failed', { terminated: { exitCode: 1 } })],
    ['unknown', aPod('Succeeded', { terminated: { exitCode: 0, reason: 'Completed' } })],
  ] as const)('is %s', (mark, pod) => {
    expect(podState(pod)).toBe(mark)
  })

  it('is waiting while it ends', () => {
    const pod = aPod('Running', { running: { startedAt } }, true)
    expect(podState({ ...pod, metadata: { deletionTimestamp: startedAt } })).toBe('waiting')
  })
})

it('sums the restarts of all containers', () => {
  expect(restartsOf(aPod('Running', { running: { startedAt } }, true, 3))).toBe(3)
})

describe('the containers of a pod', () => {
  it.each([
    [{ running: { startedAt } }, 'Running'],
    [{ terminated: { exitCode: 137, reason: 'OOMKilled' } }, 'OOMKilled (137)'],
    [{ terminated: { exitCode: 0 } }, 'Completed (0)'],
    [{ waiting: { reason: 'ErrImagePull', message: 'no such image' } }, 'ErrImagePull'],
    [undefined, 'Waiting'],
  ])('tell %j as %s', (state, text) => {
    expect(containerRows(aPod('Running', state))[0]?.text).toBe(text)
  })
})

import { describe, expect, it } from 'vitest'
import type { ContainerState, ContainerStatus, Pod, PodSpec, PodStatus } from '../../types/core-v1.ts'
import { pod } from './pod.ts'

const now = Date.parse('2026-01-01T01:00:00Z')

function cellsOf(object: Pod): Record<string, unknown> {
  return Object.fromEntries((pod.columns ?? []).map((column) => [column.name, column.cell(object, now)]))
}

const running: ContainerState = { running: { startedAt: '2026-01-01T00:00:00Z' } }
const waiting = (reason: string): ContainerState => ({ waiting: { reason } })
const ended = (exitCode: number, reason?: string, signal?: number): ContainerState => ({
  terminated: { exitCode, reason, signal },
})

function aStatus(name: string, state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, image: 'i', imageID: 'i', ready: false, restartCount: 0, state, ...more }
}

function aPod(status: PodStatus, spec: Partial<PodSpec> = {}, metadata: Pod['metadata'] = {}): Pod {
  return {
    metadata: { name: 'web', creationTimestamp: '2026-01-01T00:55:00Z', ...metadata },
    spec: { containers: [{ name: 'a', image: 'i' }], ...spec },
    status,
  }
}

const init = {
  initContainers: [
    { name: 'i', image: 'i' },
    { name: 'j', image: 'i' },
  ],
}
const sidecar = { initContainers: [{ name: 's', image: 'i', restartPolicy: 'Always' }] }
const ready = [{ type: 'Ready', status: 'True' }]

describe('the table of pods', () => {
  it('has the columns that kubectl shows', () => {
    const names = (pod.columns ?? []).map(({ name, priority = 0 }) => (priority === 0 ? name : `(${name})`))
    expect(names.join(' ')).toBe('Name Ready Status Restarts Age (IP) (Node) (Nominated Node) (Readiness Gates)')
  })

  it.each<[string, Pod, string, string]>([
    ['not started', aPod({ phase: 'Pending' }), '0/1', 'Pending'],
    [
      'running',
      aPod({ phase: 'Running', containerStatuses: [aStatus('a', running, { ready: true })] }),
      '1/1',
      'Running',
    ],
    [
      'being created',
      aPod({ phase: 'Pending', containerStatuses: [aStatus('a', waiting('ContainerCreating'))] }),
      '0/1',
      'ContainerCreating',
    ],
    [
      'crashing',
      aPod({ phase: 'Running', containerStatuses: [aStatus('a', waiting('CrashLoopBackOff'))] }),
      '0/1',
      'CrashLoopBackOff',
    ],
    [
      'done',
      aPod({ phase: 'Succeeded', containerStatuses: [aStatus('a', ended(0, 'Completed'))] }),
      '0/1',
      'Completed',
    ],
    ['failed', aPod({ phase: 'Failed', containerStatuses: [aStatus('a', ended(1, 'Error'))] }), '0/1', 'Error'],
    [
      'failed for no reason',
      aPod({ phase: 'Failed', containerStatuses: [aStatus('a', ended(3))] }),
      '0/1',
      'ExitCode:3',
    ],
    ['killed', aPod({ phase: 'Failed', containerStatuses: [aStatus('a', ended(137, '', 9))] }), '0/1', 'Signal:9'],
    ['evicted', aPod({ phase: 'Failed', reason: 'Evicted' }), '0/1', 'Evicted'],
    [
      'gated',
      aPod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
      '0/1',
      'SchedulingGated',
    ],
    ['first init', aPod({ phase: 'Pending', initContainerStatuses: [aStatus('i', running)] }, init), '0/1', 'Init:0/2'],
    [
      'second init',
      aPod(
        { phase: 'Pending', initContainerStatuses: [aStatus('i', ended(0)), aStatus('j', waiting('PodInitializing'))] },
        init,
      ),
      '0/1',
      'Init:1/2',
    ],
    [
      'init that fails',
      aPod({ phase: 'Pending', initContainerStatuses: [aStatus('i', ended(1, 'Error'))] }, init),
      '0/1',
      'Init:Error',
    ],
    [
      'init that crashes',
      aPod({ phase: 'Pending', initContainerStatuses: [aStatus('i', waiting('CrashLoopBackOff'))] }, init),
      '0/1',
      'Init:CrashLoopBackOff',
    ],
    [
      'sidecar that runs',
      aPod(
        {
          phase: 'Running',
          initContainerStatuses: [aStatus('s', running, { started: true, ready: true })],
          containerStatuses: [aStatus('a', running, { ready: true })],
        },
        sidecar,
      ),
      '2/2',
      'Running',
    ],
    [
      'one done beside one that runs',
      aPod(
        {
          phase: 'Running',
          conditions: ready,
          containerStatuses: [aStatus('a', ended(0, 'Completed')), aStatus('b', running, { ready: true })],
        },
        { containers: [{ name: 'a' }, { name: 'b' }] },
      ),
      '1/2',
      'Running',
    ],
    ['going', aPod({ phase: 'Running' }, {}, { deletionTimestamp: '2026-01-01T00:59:00Z' }), '0/1', 'Terminating'],
    [
      'going after its end',
      aPod({ phase: 'Succeeded' }, {}, { deletionTimestamp: '2026-01-01T00:59:00Z' }),
      '0/1',
      'Succeeded',
    ],
    [
      'on a lost node',
      aPod({ phase: 'Running', reason: 'NodeLost' }, {}, { deletionTimestamp: '2026-01-01T00:59:00Z' }),
      '0/1',
      'Unknown',
    ],
  ])('shows a pod that is %s', (_, object, readyText, status) => {
    expect(cellsOf(object)).toMatchObject({ Ready: readyText, Status: status })
  })

  it('counts restarts and says when the last was', () => {
    const lastState = { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:55:00Z' } }
    const status = aStatus('a', running, { restartCount: 2, lastState })
    expect(cellsOf(aPod({ phase: 'Running', containerStatuses: [status] })).Restarts).toBe('2 (5m ago)')
  })

  it('shows where a pod is', () => {
    const gates = { readinessGates: [{ conditionType: 'x/a' }, { conditionType: 'x/b' }] }
    const status = { podIP: '10.0.0.1', conditions: [{ type: 'x/a', status: 'True' }] }
    expect(cellsOf(aPod(status, { nodeName: 'one', ...gates }))).toMatchObject({
      Age: '5m',
      IP: '10.0.0.1',
      Node: 'one',
      'Nominated Node': '<none>',
      'Readiness Gates': '1/2',
    })
  })
})

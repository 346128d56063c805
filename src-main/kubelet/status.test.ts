import { describe, expect, it } from 'vitest'
import { aContainer, aPod, aSandbox, now, planInput, seen } from '../../test/support/kubelet-builders.ts'
import type { PodCondition, PodStatus } from '../api/types/core-v1.ts'
import { plan } from './plan.ts'
import { podStatus, type StatusInput } from './status.ts'

const longWords = 'x'.repeat(4096)

function statusOf(...[pod, containers, more = {}]: [...Parameters<typeof planInput>]): PodStatus {
  const input: StatusInput = {
    ...planInput(pod, containers, more),
    hostAddress: '10.0.0.1',
    terminationMessages: new Map([
      ['web-0', 'last words'],
      ['long-0', longWords],
    ]),
    ending: false,
  }
  return podStatus(input)
}

const condition = (status: PodStatus, type: string): PodCondition | undefined =>
  status.conditions?.find((one) => one.type === type)
const firstState = (status: PodStatus): unknown => status.containerStatuses?.[0]?.state

describe('status of a pod', () => {
  it('is pending while containers are made', () => {
    const status = statusOf(aPod(), [])
    expect(status.phase).toBe('Pending')
    expect(firstState(status)).toEqual({ waiting: { reason: 'ContainerCreating' } })
    expect(condition(status, 'PodReadyToStartContainers')?.status).toBe('False')
    expect(condition(status, 'Ready')).toMatchObject({ status: 'False', reason: 'ContainersNotReady' })
  })

  it('says that the pod has its node, also when no scheduler gave it', () => {
    expect(condition(statusOf(aPod(), []), 'PodScheduled')?.status).toBe('True')
  })

  it('of a refused pod says why, and tells of no containers', () => {
    const status = statusOf(aPod(), [], { refusal: { reason: 'NodePorts', message: 'taken' } })
    expect(status).toMatchObject({ phase: 'Failed', reason: 'NodePorts', message: 'Pod was rejected: taken' })
    expect(status).not.toHaveProperty('containerStatuses')
  })

  it('is running and ready, with its addresses, when its container runs', () => {
    const status = statusOf(aPod(), [aSandbox(), seen()])
    expect(status).toMatchObject({ phase: 'Running', podIP: '10.244.0.2', hostIP: '10.0.0.1' })
    expect(condition(status, 'Ready')?.status).toBe('True')
    expect(status.containerStatuses?.[0]).toMatchObject({ ready: true, started: true, containerID: 'docker://web-0' })
  })

  it('shares 12 KiB between the last words of all its containers', () => {
    const ended = seen({ name: 'long', state: 'exited', exitCode: 1 })
    const bytesAmong = (count: number): number | undefined => {
      const others = Array.from({ length: count - 1 }, (_, index) => aContainer(`other-${index}`))
      const status = statusOf(aPod({ containers: [aContainer('long'), ...others] }), [aSandbox(), ended])
      const { state, lastState } = status.containerStatuses?.[0] ?? {}
      return (state?.terminated ?? lastState?.terminated)?.message?.length
    }
    expect([1, 3, 4, 12].map(bytesAmong)).toEqual([4096, 4096, 3072, 1024])
  })

  it('does not run before what is to be done after its start is done', () => {
    const pod = aPod({ containers: [aContainer('web', { lifecycle: { postStart: { exec: { command: ['true'] } } } })] })
    const busy = new Set(['web'])
    const starting = statusOf(pod, [aSandbox(), seen()], { busy })
    expect(starting).toMatchObject({ phase: 'Pending', containerStatuses: [{ ready: false, started: false }] })
    const started = statusOf(pod, [aSandbox(), seen()])
    expect(started).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: true, started: true }] })
    // It is busy with its end.
    expect(statusOf({ ...pod, status: started }, [aSandbox(), seen()], { busy }).phase).toBe('Running')
  })

  it('keeps the conditions of others, and the time of its own that did not change', () => {
    const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: 'then' }
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: 'then' }
    const status = statusOf(aPod({}, { status: { conditions: [scheduled, ready] } }), [aSandbox(), seen()])
    expect(condition(status, 'PodScheduled')).toEqual(scheduled)
    expect(condition(status, 'Ready')?.lastTransitionTime).toBe('then')
  })

  it('counts a container that the runtime has lost once, however often that is told before it is started again', () => {
    const ran = statusOf(aPod(), [aSandbox(), seen({ attempt: 2 })])
    const lost = statusOf(aPod({}, { status: ran }), [])
    const [container] = lost.containerStatuses ?? []
    expect(container).toMatchObject({
      restartCount: 3,
      state: { waiting: { reason: 'ContainerCreating' } },
      lastState: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
    })
    expect(container?.containerID).toBeUndefined()
    const again = aPod({}, { status: statusOf(aPod({}, { status: lost }), [aSandbox()]) })
    expect(again.status?.containerStatuses).toEqual([container])
    expect(plan(planInput(again, [aSandbox()])).actions).toMatchObject([{ type: 'start-container', attempt: 3 }])
  })

  it('tells why a container waits for its restart, and how it ended', () => {
    const ended = seen({ state: 'exited', exitCode: 3, attempt: 0, crashes: 1, startedAgo: 1 })
    const status = statusOf(aPod(), [aSandbox(), ended])
    expect(status.phase).toBe('Running')
    expect(firstState(status)).toEqual({
      waiting: {
        reason: 'CrashLoopBackOff',
        message: 'back-off 10s restarting failed container=web pod=web-1_default(uid-1)',
      },
    })
    expect(status.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
      exitCode: 3,
      reason: 'Error',
      message: 'last words',
    })
  })

  it('shows why a container could not be started', () => {
    const failure = { reason: 'ErrImagePull', message: 'no such host', failures: 1, retryAt: now + 1 }
    const status = statusOf(aPod(), [aSandbox()], { startFailures: new Map([['web', failure]]) })
    expect(firstState(status)).toEqual({ waiting: { reason: 'ErrImagePull', message: 'no such host' } })
  })

  it('lets every container wait with the reason of an image that a volume needs', () => {
    const failure = { reason: 'ErrImagePull', message: 'no such host', failures: 1, retryAt: now + 1 }
    const status = statusOf(aPod(), [], { startFailures: new Map([['', failure]]) })
    expect(firstState(status)).toEqual({ waiting: { reason: 'ErrImagePull', message: 'no such host' } })
    const other = { ...failure, reason: 'FailedMount' }
    const waits = statusOf(aPod(), [], { startFailures: new Map([['', other]]) })
    expect(firstState(waits)).toEqual({ waiting: { reason: 'ContainerCreating' } })
  })

  it.each([
    { more: { outOfMemory: true, exitCode: 137 }, reason: 'OOMKilled' },
    { more: { exitCode: 0 }, reason: 'Completed' },
    { more: { exitCode: 1 }, reason: 'Error' },
    { more: { exitCode: 127, error: 'no such file' }, reason: 'StartError' },
  ])('names the end $reason', ({ more, reason }) => {
    const status = statusOf(aPod({ restartPolicy: 'Never' }), [aSandbox(), seen({ state: 'exited', ...more })])
    expect(status.containerStatuses?.[0]?.state?.terminated?.reason).toBe(reason)
  })

  it.each([
    { policy: 'Never', codes: [0, 0], phase: 'Succeeded' },
    { policy: 'Never', codes: [0, 1], phase: 'Failed' },
    { policy: 'OnFailure', codes: [0, 0], phase: 'Succeeded' },
    { policy: 'OnFailure', codes: [0, 1], phase: 'Running' },
    { policy: 'Always', codes: [0, 0], phase: 'Running' },
  ])('with policy $policy and exit codes $codes is $phase', ({ policy, codes, phase }) => {
    const pod = aPod({ restartPolicy: policy, containers: [aContainer('a'), aContainer('b')] })
    const containers = codes.map((exitCode, index) => seen({ name: 'ab'[index] ?? '', state: 'exited', exitCode }))
    expect(statusOf(pod, [aSandbox(), ...containers]).phase).toBe(phase)
  })

  it('never leaves a final phase', () => {
    const pod = aPod({ restartPolicy: 'Never' }, { status: { phase: 'Failed' } })
    expect(statusOf(pod, [aSandbox(), seen()]).phase).toBe('Failed')
  })

  it('fails at its deadline, as soon as its containers have ended', () => {
    const startTime = new Date(now - 60_000).toISOString()
    const pod = aPod({ activeDeadlineSeconds: 60 }, { status: { startTime, phase: 'Running' } })
    expect(statusOf(pod, [aSandbox(), seen()])).toMatchObject({ phase: 'Running' })
    expect(statusOf(pod, [aSandbox(), seen()]).reason).toBeUndefined()
    const ended = [aSandbox(), seen({ state: 'exited', exitCode: 137 })]
    expect(statusOf(pod, ended)).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' })
  })

  it('has succeeded when its sidecars have ended too', () => {
    const sidecar = aContainer('beside', { restartPolicy: 'Always' })
    const pod = aPod({ restartPolicy: 'Never', initContainers: [sidecar] }, { status: { phase: 'Running' } })
    const main = seen({ state: 'exited', exitCode: 0 })
    expect(statusOf(pod, [aSandbox(), seen({ name: 'beside', role: 'init' }), main]).phase).toBe('Running')
    const beside = seen({ name: 'beside', role: 'init', state: 'exited', exitCode: 143 })
    expect(statusOf(pod, [aSandbox(), beside, main]).phase).toBe('Succeeded')
  })

  it('is not ready before its readiness probe says so', () => {
    const pod = aPod({ containers: [aContainer('web', { readinessProbe: {} })] })
    expect(condition(statusOf(pod, [aSandbox(), seen()]), 'Ready')?.status).toBe('False')
    const probes = new Map([['web-0', { ready: true }]])
    expect(condition(statusOf(pod, [aSandbox(), seen()], { probes }), 'Ready')?.status).toBe('True')
  })

  it('is not ready before its readiness gates are met', () => {
    const pod = aPod({ readinessGates: [{ conditionType: 'example.com/ok' }] })
    expect(condition(statusOf(pod, [aSandbox(), seen()]), 'Ready')).toMatchObject({ reason: 'ReadinessGatesNotReady' })
  })

  it('lists ephemeral containers by themselves, and they change nothing of the rest', () => {
    const pod = aPod({ ephemeralContainers: [{ name: 'debug', image: 'a' }] })
    const failed = seen({ name: 'debug', role: 'ephemeral', state: 'exited', exitCode: 3 })
    const made = statusOf(pod, [aSandbox(), seen(), failed])
    expect(made.ephemeralContainerStatuses).toMatchObject([
      { name: 'debug', ready: false, restartCount: 0, state: { terminated: { exitCode: 3 } } },
    ])
    expect(made.containerStatuses).toHaveLength(1)
    expect(made).toMatchObject({ phase: 'Running' })
    expect(made.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True')
  })

  it('is initialized when its init containers have ended well', () => {
    const pod = aPod({ initContainers: [aContainer('first')] })
    const before = statusOf(pod, [aSandbox()])
    expect(condition(before, 'Initialized')).toMatchObject({ status: 'False', reason: 'ContainersNotInitialized' })
    expect(firstState(before)).toEqual({ waiting: { reason: 'PodInitializing' } })
    const made = statusOf(pod, [aSandbox(), seen({ name: 'first', role: 'init', state: 'created' })])
    expect(made.initContainerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'PodInitializing' } })
    const after = statusOf(pod, [aSandbox(), seen({ name: 'first', role: 'init', state: 'exited' })])
    expect(condition(after, 'Initialized')?.status).toBe('True')
  })
})

import { describe, expect, it } from 'vitest'
import { aContainer, aPod, aSandbox, now, planInput, seen } from '../../test/support/kubelet-builders.ts'
import type { Action } from './actions.ts'
import { plan } from './plan.ts'

/** An action in one line: what is done to what. */
function line(action: Action): string {
  switch (action.type) {
    case 'start-sandbox':
      return `start-sandbox ${action.attempt}`
    case 'start-container':
      return `start-container ${action.entry.container.name} ${action.attempt}`
    case 'kill-container':
      return `kill-container ${action.target.id} ${action.graceSeconds}`
    default:
      return `${action.type} ${action.target.id}`
  }
}

const lines = (...input: Parameters<typeof planInput>): string[] => plan(planInput(...input)).actions.map(line)
const later = (seconds: number): string => new Date(now + seconds * 1000).toISOString()

describe('plan of a pod that is to run', () => {
  it('starts the sandbox first', () => {
    expect(lines(aPod(), [])).toEqual(['start-sandbox 0'])
  })

  it('starts all containers at once when the sandbox runs', () => {
    const pod = aPod({ containers: [aContainer('a'), aContainer('b')] })
    expect(lines(pod, [aSandbox()])).toEqual(['start-container a 0', 'start-container b 0'])
  })

  it('waits while the sandbox is being connected, though it runs already', () => {
    expect(lines(aPod(), [aSandbox()], { busy: new Set(['']) })).toEqual([])
  })

  it('leaves alone what runs', () => {
    expect(lines(aPod(), [aSandbox(), seen()])).toEqual([])
  })

  it('leaves alone what another action works on', () => {
    expect(lines(aPod(), [aSandbox()], { busy: new Set(['web']) })).toEqual([])
  })

  it('makes a new sandbox when the old one has ended, and ends what still runs in it', () => {
    const containers = [
      aSandbox({ state: 'exited' }),
      seen({ sandbox: 'sandbox-0' }),
      seen({ name: 'b', state: 'exited' }),
    ]
    const pod = aPod({ containers: [aContainer(), aContainer('b')] })
    expect(lines(pod, containers)).toEqual(['kill-container web-0 30', 'start-sandbox 1'])
  })

  it('replaces a container that was made and never started', () => {
    expect(lines(aPod(), [aSandbox(), seen({ state: 'created' })])).toEqual(['remove web-0'])
  })

  it('replaces a container whose image has changed', () => {
    const pod = aPod({ terminationGracePeriodSeconds: 5 })
    expect(lines(pod, [aSandbox(), seen({ image: 'old' })])).toEqual(['kill-container web-0 5'])
    expect(lines(pod, [aSandbox(), seen({ image: 'old', state: 'exited', crashes: 3 })])).toEqual([
      'start-container web 1',
    ])
  })

  it('ends a container that its probe found unhealthy', () => {
    const probes = new Map([['web-0', { unhealthy: 'it is sick' }]])
    expect(lines(aPod(), [aSandbox(), seen()], { probes })).toEqual(['kill-container web-0 30'])
    const hurried = aPod({ terminationGracePeriodSeconds: -5 })
    expect(lines(hurried, [aSandbox(), seen()], { probes })).toEqual(['kill-container web-0 1'])
  })

  it('keeps the newest two attempts of a container and the newest sandbox', () => {
    const attempts = [0, 1, 2].map((attempt) =>
      seen({ attempt, state: attempt === 2 ? 'running' : 'exited', sandbox: 'sandbox-1' }),
    )
    const containers = [aSandbox({ attempt: 1 }), aSandbox({ state: 'exited' }), ...attempts]
    expect(lines(aPod(), containers)).toEqual(['remove web-0', 'remove sandbox-0'])
  })
})

describe('plan of a container that has ended', () => {
  const cases = [
    { policy: 'Always', exitCode: 0, expected: ['start-container web 1'] },
    { policy: 'Always', exitCode: 1, expected: ['start-container web 1'] },
    { policy: 'OnFailure', exitCode: 0, expected: [] },
    { policy: 'OnFailure', exitCode: 1, expected: ['start-container web 1'] },
    { policy: 'Never', exitCode: 1, expected: [] },
  ]
  it.each(cases)('with policy $policy and exit code $exitCode gives $expected', ({ policy, exitCode, expected }) => {
    const ended = seen({ state: 'exited', exitCode })
    expect(lines(aPod({ restartPolicy: policy }), [aSandbox(), ended])).toEqual(expected)
  })

  it('waits longer after each end', () => {
    const ended = seen({ state: 'exited', attempt: 2, crashes: 2, startedAgo: 1 })
    const { actions, wakeAt } = plan(planInput(aPod(), [aSandbox(), ended]))
    expect(actions).toEqual([])
    expect(wakeAt).toBe(now + 20_000)
  })

  it('starts at once again after a long healthy run', () => {
    const ended = seen({ state: 'exited', attempt: 7, crashes: 7, startedAgo: 700 })
    expect(lines(aPod(), [aSandbox(), ended])).toEqual(['start-container web 8'])
  })

  it('waits after a start that failed', () => {
    const failure = { reason: 'ErrImagePull', message: 'no', failures: 1, retryAt: now + 10_000 }
    const { actions, wakeAt } = plan(planInput(aPod(), [aSandbox()], { startFailures: new Map([['web', failure]]) }))
    expect(actions).toEqual([])
    expect(wakeAt).toBe(now + 10_000)
  })
})

describe('plan of ephemeral containers', () => {
  const pod = aPod({ ephemeralContainers: [{ name: 'debug', image: 'orrery.dev/web:1' }] })
  const debug = seen({ name: 'debug', role: 'ephemeral', state: 'exited', exitCode: 1 })

  it('starts one in a pod that runs, and also while init containers do', () => {
    expect(lines(pod, [aSandbox(), seen()])).toEqual(['start-container debug 0'])
    const waiting = aPod({ ...pod.spec, initContainers: [aContainer('first')] })
    const first = seen({ name: 'first', role: 'init' })
    expect(lines(waiting, [aSandbox(), first])).toEqual(['start-container debug 0'])
  })

  it('never starts it again, whatever its end and the restart policy', () => {
    expect(lines(pod, [aSandbox(), seen(), debug])).toEqual([])
    expect(lines(pod, [aSandbox({ attempt: 1 }), seen({ sandbox: 'sandbox-1' }), debug])).toEqual([])
  })

  it('ends it with the pod', () => {
    const deleted = aPod(pod.spec, { metadata: { ...pod.metadata, deletionTimestamp: later(12) } })
    const running = seen({ name: 'debug', role: 'ephemeral' })
    expect(lines(deleted, [aSandbox(), running])).toEqual(['kill-container debug-0 12'])
  })
})

describe('plan of init containers', () => {
  const pod = aPod({ initContainers: [aContainer('first'), aContainer('second')] })
  const first = seen({ name: 'first', role: 'init', state: 'exited' })
  const second = seen({ name: 'second', role: 'init', state: 'exited' })

  it('runs them one after the other, then the others', () => {
    expect(lines(pod, [aSandbox()])).toEqual(['start-container first 0'])
    expect(lines(pod, [aSandbox(), first])).toEqual(['start-container second 0'])
    expect(lines(pod, [aSandbox(), first, second])).toEqual(['start-container web 0'])
  })

  it('waits for one that runs', () => {
    expect(lines(pod, [aSandbox(), seen({ name: 'first', role: 'init' })])).toEqual([])
  })

  it('tries a failed one again, unless the pod is never restarted', () => {
    const failed = seen({ name: 'first', role: 'init', state: 'exited', exitCode: 1 })
    expect(lines(pod, [aSandbox(), failed])).toEqual(['start-container first 1'])
    const once = aPod({ restartPolicy: 'Never', initContainers: [aContainer('first')] })
    expect(lines(once, [aSandbox(), failed])).toEqual([])
  })

  it('runs them again in a new sandbox', () => {
    const containers = [aSandbox({ attempt: 1 }), first, second, seen({ state: 'exited', sandbox: 'sandbox-0' })]
    expect(lines(pod, containers)).toEqual(['start-container first 1'])
  })

  it('does not run them again when an app container was made already', () => {
    expect(lines(pod, [aSandbox(), seen()])).toEqual([])
  })

  it('goes on beside a sidecar as soon as that has started', () => {
    const startupProbe = { periodSeconds: 1 }
    const sidecar = aContainer('side', { restartPolicy: 'Always', startupProbe })
    const withSidecar = aPod({ initContainers: [sidecar, aContainer('second')] })
    const running = seen({ name: 'side', role: 'init' })
    expect(lines(withSidecar, [aSandbox(), running])).toEqual([])
    const probes = new Map([['side-0', { started: true }]])
    expect(lines(withSidecar, [aSandbox(), running], { probes })).toEqual(['start-container second 0'])
  })
})

describe('plan of a pod that ends', () => {
  const deleted = aPod(
    { initContainers: [aContainer('side', { restartPolicy: 'Always' })] },
    { metadata: { ...aPod().metadata, deletionTimestamp: later(12), deletionGracePeriodSeconds: 30 } },
  )
  const sidecar = seen({ name: 'side', role: 'init' })

  it('ends containers with what is left of the grace period, sidecars after them, the sandbox last', () => {
    expect(lines(deleted, [aSandbox(), sidecar, seen()])).toEqual(['kill-container web-0 12'])
    expect(lines(deleted, [aSandbox(), sidecar, seen({ state: 'exited' })])).toEqual(['kill-container side-0 12'])
    expect(lines(deleted, [aSandbox(), seen({ state: 'exited' })])).toEqual(['stop-sandbox sandbox-0'])
  })

  it('starts nothing any more', () => {
    expect(lines(deleted, [])).toEqual([])
  })

  it('waits for a start that is under way', () => {
    expect(lines(deleted, [aSandbox()], { busy: new Set(['web']) })).toEqual([])
  })

  it('removes everything when the pod is no longer in the API', () => {
    const containers = [aSandbox({ state: 'exited' }), seen({ state: 'exited' })]
    expect(lines(aPod(), containers, { gone: true })).toEqual(['remove web-0', 'remove sandbox-0'])
  })

  it('stops the sandbox of a pod that has run to its end, and keeps its containers for their logs', () => {
    const done = aPod({ restartPolicy: 'Never' }, { status: { phase: 'Succeeded' } })
    expect(lines(done, [aSandbox(), seen({ state: 'exited' })])).toEqual(['stop-sandbox sandbox-0'])
    expect(lines(done, [aSandbox({ state: 'exited' }), seen({ state: 'exited' })])).toEqual([])
  })

  it('counts on where the runtime has lost a container that had run', () => {
    const lost = {
      ...{ name: 'web', image: '', imageID: '', ready: true },
      containerID: 'docker://web-2',
      restartCount: 2,
    }
    const pod = aPod({}, { status: { containerStatuses: [lost] } })
    expect(plan(planInput(pod, [aSandbox()])).actions).toMatchObject([{ type: 'start-container', attempt: 3 }])
    const waiting = { ...lost, containerID: '', restartCount: 0 }
    const fresh = aPod({}, { status: { containerStatuses: [waiting] } })
    expect(plan(planInput(fresh, [aSandbox()])).actions).toMatchObject([{ type: 'start-container', attempt: 0 }])
  })

  it('ends a pod at its deadline', () => {
    const pod = aPod({ activeDeadlineSeconds: 60 }, { status: { startTime: later(-60) } })
    expect(lines(pod, [aSandbox(), seen()])).toEqual(['kill-container web-0 30'])
    const early = aPod({ activeDeadlineSeconds: 60 }, { status: { startTime: later(-50) } })
    expect(plan(planInput(early, [aSandbox(), seen()])).wakeAt).toBe(now + 10_000)
  })
})

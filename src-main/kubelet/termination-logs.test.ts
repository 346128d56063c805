import { describe, expect, it } from 'vitest'
import { aContainer, aPod, aSandbox, seen } from '../../test/support/kubelet-builders.ts'
import { groupContainers } from './pod-containers.ts'
import type { ObservedContainer } from './runtime/runtime.ts'
import { firstTerminationLogs } from './termination-logs.ts'

describe('the first termination logs', () => {
  const pod = aPod({ containers: [aContainer('web'), aContainer('beside')] })
  const pathsAfter = (...containers: ObservedContainer[]): string[] =>
    firstTerminationLogs(pod, groupContainers(containers)).map(({ path }) => path.replace(/.*containers/, ''))

  it('are written before the first sandbox', () => {
    expect(pathsAfter()).toEqual(['/web/0', '/beside/0'])
  })

  it('are written again before a second sandbox when the first one failed', () => {
    expect(pathsAfter(aSandbox({ state: 'exited' }))).toEqual(['/web/0', '/beside/0'])
  })

  it('are left to those that have written in them', () => {
    expect(pathsAfter(aSandbox({ state: 'exited' }), seen({ name: 'web', state: 'exited' }))).toEqual(['/beside/0'])
  })
})

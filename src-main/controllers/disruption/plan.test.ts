import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from '../../api/types/policy-v1.ts'
import { ago, aPod, nowMs } from '../test-objects.ts'
import { failedStatus, planBudget } from './plan.ts'

const aBudget = (
  spec: PodDisruptionBudgetSpec,
  status: PodDisruptionBudget['status'] = {},
): Live<PodDisruptionBudget> => ({
  metadata: {
    ...{ name: 'b', namespace: 'default', uid: 'u', resourceVersion: '1', generation: 3 },
    creationTimestamp: ago(60),
  },
  spec,
  status,
})
const ready = (count: number): Live<Pod>[] =>
  Array.from({ length: count }, (_, index) => aPod(`p${index}`, { readyFor: 1 }))
const broken = aPod('broken')

describe('a disruption budget', () => {
  it.each<[string, PodDisruptionBudgetSpec, Live<Pod>[], number, [expected: number, desired: number, allowed: number]]>(
    [
      ['a count that must stay', { minAvailable: 2 }, ready(3), 0, [3, 2, 1]],
      ['a count that is not there', { minAvailable: 5 }, ready(3), 0, [3, 5, 0]],
      ['a share that must stay, rounded up', { minAvailable: '50%' }, ready(3), 5, [5, 3, 0]],
      ['a count that may go', { maxUnavailable: 1 }, ready(3), 3, [3, 2, 1]],
      ['a share that may go, rounded up', { maxUnavailable: '30%' }, ready(3), 3, [3, 2, 1]],
      ['more than there are', { maxUnavailable: 10 }, ready(3), 3, [3, 0, 3]],
      ['no pods', { maxUnavailable: 1 }, [], 0, [0, 0, 0]],
      ['pods that are not ready', { minAvailable: 1 }, [...ready(1), broken], 0, [2, 1, 0]],
    ],
  )('counts %s', (_case, spec, pods, expectedScale, [expectedPods, desiredHealthy, disruptionsAllowed]) => {
    const { status } = planBudget({ budget: aBudget(spec), pods, expectedScale, nowMs })
    expect(status).toMatchObject({ expectedPods, desiredHealthy, disruptionsAllowed, observedGeneration: 3 })
    expect(status.conditions).toMatchObject([
      disruptionsAllowed > 0
        ? { type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }
        : { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' },
    ])
  })

  it('takes evicted pods for gone, until it is clear that they stay', () => {
    const disruptedPods = { p0: ago(60), p1: ago(130), gone: ago(10) }
    const budget = aBudget({ minAvailable: 1 }, { disruptedPods })
    const plan = planBudget({ budget, pods: ready(3), expectedScale: 0, nowMs })
    expect(plan.status).toMatchObject({ currentHealthy: 2, disruptedPods: { p0: ago(60) } })
    expect(plan.notDeleted.map(({ metadata }) => metadata.name)).toEqual(['p1'])
    expect(plan.recheckAfterMs).toBe(60_000)
  })

  it('takes pods that are going for gone', () => {
    const going = aPod('going', { readyFor: 1, metadata: { deletionTimestamp: ago(1) } })
    const { status } = planBudget({ budget: aBudget({ minAvailable: 1 }), pods: [going], expectedScale: 0, nowMs })
    expect(status.currentHealthy).toBe(0)
  })

  it('allows nothing when it cannot tell', () => {
    expect(failedStatus(aBudget({}, { disruptionsAllowed: 3 }), 'no controllers', nowMs)).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'no controllers' }],
    })
  })
})

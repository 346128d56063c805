import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { Lease } from '../../api/types/coordination-v1.ts'
import type { Node, NodeSpec } from '../../api/types/core-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import { ago, nowMs } from '../test-objects.ts'
import { planNode } from './plan.ts'
import { SignsOfLife } from './signs-of-life.ts'

function aNode(ready: string | undefined, spec: NodeSpec = {}, others: Record<string, string> = {}): Live<Node> {
  const conditions = Object.entries({ ...(ready === undefined ? {} : { Ready: ready }), ...others })
  return {
    metadata: { name: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: ago(99) },
    spec,
    status: { conditions: conditions.map(([type, status]) => ({ type, status, lastTransitionTime: ago(50) })) },
  }
}
const plan = (node: Live<Node>, { silent = false, mayEvict = true } = {}) => planNode({ node, silent, mayEvict, nowMs })
const texts = (taints: ReturnType<typeof plan>['taints']) => taints?.map(({ key, effect }) => `${key}:${effect}`)
const unreachable = ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute']

describe('the node plan', () => {
  it('leaves a healthy node alone', () => {
    expect(plan(aNode('True'))).toEqual({ conditions: undefined, taints: undefined, podsNotReady: false })
  })

  it('makes everything unknown that a silent kubelet reported, and taints the node', () => {
    const { conditions, taints, podsNotReady } = plan(aNode('True', {}, { DiskPressure: 'False' }), { silent: true })
    const ready = conditions?.find(({ type }) => type === 'Ready')
    expect(ready).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      lastTransitionTime: timestamp(nowMs),
    })
    expect(conditions?.every(({ status }) => status === 'Unknown')).toBe(true)
    expect(conditions?.find(({ type }) => type === 'PIDPressure')?.reason).toBe('NodeStatusNeverUpdated')
    expect(texts(taints)).toEqual(unreachable)
    expect(podsNotReady).toBe(true)
  })

  it('evicts from no node while all are silent', () => {
    expect(texts(plan(aNode('True'), { silent: true, mayEvict: false }).taints)).toEqual([unreachable[0]])
  })

  it('takes its taints back when the node is ready again, and leaves those of others', () => {
    const taints = [
      { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: ago(9) },
      { key: 'dedicated', effect: 'NoSchedule' },
    ]
    expect(texts(plan(aNode('True', { taints })).taints)).toEqual(['dedicated:NoSchedule'])
  })

  it('keeps the time at which a taint was added', () => {
    const taints = unreachable.map((text) => ({
      key: text.split(':')[0]!,
      effect: text.split(':')[1]!,
      timeAdded: ago(9),
    }))
    const node = aNode('Unknown', { taints, unschedulable: true })
    expect(plan(node).taints?.map(({ timeAdded }) => timeAdded)).toEqual([ago(9), ago(9), timestamp(nowMs)])
  })

  it.each([
    [aNode('False'), ['node.kubernetes.io/not-ready:NoSchedule', 'node.kubernetes.io/not-ready:NoExecute']],
    [aNode(undefined), ['node.kubernetes.io/not-ready:NoSchedule']],
    [aNode('True', { unschedulable: true }), ['node.kubernetes.io/unschedulable:NoSchedule']],
    [aNode('True', {}, { MemoryPressure: 'True' }), ['node.kubernetes.io/memory-pressure:NoSchedule']],
  ])('taints a node for its conditions', (node, expected) => {
    expect(texts(plan(node).taints)).toEqual(expected)
  })
})

describe('signs of life', () => {
  const lease = (renewTime: string): Live<Lease> => ({
    metadata: { name: 'n', uid: 'l', resourceVersion: '1', creationTimestamp: ago(9) },
    spec: { renewTime },
  })

  it('count by our own clock, from when we saw them change', () => {
    const signs = new SignsOfLife()
    expect(signs.silentForMs(aNode('True'), lease(ago(3600)), 1000)).toBe(0)
    expect(signs.silentForMs(aNode('True'), lease(ago(3600)), 41_000)).toBe(40_000)
    expect(signs.silentForMs(aNode('True'), lease(ago(0)), 42_000)).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { DaemonSet, DaemonSetSpec } from '../../api/types/apps-v1.ts'
import type { Node, NodeSpec, Pod } from '../../api/types/core-v1.ts'
import { ago, aPod, aTemplate, nowMs } from '../test-objects.ts'
import { daemonPod, nodeOfDaemonPod } from './daemon-pod.ts'
import { daemonSetStatus, planDaemonSet } from './plan.ts'

const meta = (name: string) => ({ name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: ago(99) })
const aNode = (name: string, spec: NodeSpec = {}, labels: Record<string, string> = {}): Live<Node> => ({
  metadata: { ...meta(name), labels },
  spec,
})
const aDaemonSet = (spec: Partial<DaemonSetSpec> = {}): Live<DaemonSet> => ({
  metadata: { ...meta('agent'), namespace: 'default', generation: 1 },
  spec: { selector: { matchLabels: { app: 'web' } }, template: aTemplate(), ...spec },
})
const updating = (limits: { maxSurge?: number; maxUnavailable?: number }, more: Partial<DaemonSetSpec> = {}) =>
  aDaemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: limits }, ...more })

interface OnOptions {
  hash?: string
  ready?: boolean
  phase?: string
  name?: string
  going?: boolean
}

/** A pod on a node, of the current template unless `hash` says otherwise. */
function on(nodeName: string, options: OnOptions = {}): Live<Pod> {
  const { hash = 'new', ready = true, phase = 'Running', going = false } = options
  return aPod(options.name ?? `p-${nodeName}-${hash}`, {
    spec: { nodeName },
    metadata: {
      labels: { app: 'web', 'controller-revision-hash': hash },
      ...(going ? { deletionTimestamp: ago(1) } : {}),
    },
    status: { phase },
    ...(ready ? { readyFor: 60 } : {}),
  })
}

const observed = (daemonSet: Live<DaemonSet>, nodes: Live<Node>[], pods: Live<Pod>[], pauseMs = 0) => ({
  daemonSet,
  nodes,
  pods,
  hash: 'new',
  pauseMs: () => pauseMs,
  nowMs,
})
function plan(...args: Parameters<typeof observed>) {
  const { create, remove, requeueAfterMs } = planDaemonSet(observed(...args))
  return { create, remove: remove.map(({ metadata }) => metadata.name), requeueAfterMs }
}
const three = ['a', 'b', 'c'].map((name) => aNode(name))

describe('where the pods of a DaemonSet go', () => {
  it('to every node that has none', () => {
    expect(plan(aDaemonSet(), three, [on('b')])).toMatchObject({ create: ['a', 'c'], remove: [] })
  })

  it('not to nodes that the template does not want or tolerate', () => {
    const nodes = [
      aNode('plain'),
      aNode('ssd', {}, { disk: 'ssd' }),
      aNode('tainted', { taints: [{ key: 'x', effect: 'NoSchedule' }] }, { disk: 'ssd' }),
    ]
    const template = aTemplate()
    const picky = { ...template, spec: { containers: [], ...template.spec, nodeSelector: { disk: 'ssd' } } }
    expect(plan(aDaemonSet({ template: picky }), nodes, [on('plain'), on('tainted')])).toMatchObject({
      create: ['ssd'],
      remove: ['p-plain-new'],
    })
  })

  it('also to nodes that are cordoned or in trouble', () => {
    const taint = (name: string, effect: string) => ({ key: `node.kubernetes.io/${name}`, effect })
    const taints = [
      taint('unschedulable', 'NoSchedule'),
      taint('not-ready', 'NoExecute'),
      taint('disk-pressure', 'NoSchedule'),
    ]
    expect(plan(aDaemonSet(), [aNode('a', { taints })], []).create).toEqual(['a'])
  })

  it('from nodes that are gone, and from nodes with an untolerated NoExecute taint', () => {
    const nodes = [aNode('a', { taints: [{ key: 'x', effect: 'NoExecute' }] })]
    expect(plan(aDaemonSet(), nodes, [on('a'), on('lost')]).remove).toEqual(['p-a-new', 'p-lost-new'])
  })

  it('one to a node: the oldest stays', () => {
    const pods = [on('a', { name: 'second' }), on('a', { name: 'first' })]
    pods[1]!.metadata.creationTimestamp = ago(9999)
    expect(plan(aDaemonSet(), [aNode('a')], pods).remove).toEqual(['second'])
  })

  it('anew where one has ended, after a pause when it does so again and again', () => {
    const failed = on('a', { phase: 'Failed', ready: false })
    expect(plan(aDaemonSet(), [aNode('a')], [failed]).remove).toEqual(['p-a-new'])
    expect(plan(aDaemonSet(), [aNode('a')], [failed], 5000)).toEqual({ create: [], remove: [], requeueAfterMs: 5000 })
  })
})

describe('an update of a DaemonSet', () => {
  const allOld = ['a', 'b', 'c'].map((name) => on(name, { hash: 'old' }))

  it('takes as many old pods away as may be unavailable', () => {
    expect(plan(updating({ maxUnavailable: 2 }), three, allOld).remove).toEqual(['p-a-old', 'p-b-old'])
  })

  it('waits for new pods, and for those that are going', () => {
    const halfway = [on('a', { ready: false }), ...allOld.slice(1)]
    expect(plan(updating({ maxUnavailable: 1 }), three, halfway).remove).toEqual([])
    const going = [on('a', { hash: 'old', going: true }), ...allOld.slice(1)]
    expect(plan(updating({ maxUnavailable: 1 }), three, going).remove).toEqual([])
  })

  it('replaces old pods that serve nobody at once', () => {
    const pods = [
      on('a', { hash: 'old', ready: false }),
      on('b', { hash: 'old', ready: false }),
      on('c', { hash: 'old' }),
    ]
    expect(plan(updating({ maxUnavailable: 1 }), three, pods).remove).toEqual(['p-a-old', 'p-b-old'])
  })

  it('that surges puts new pods beside old ones, and takes those away when the new are available', () => {
    const set = updating({ maxSurge: 1, maxUnavailable: 0 })
    expect(plan(set, three, allOld)).toMatchObject({ create: ['a'], remove: [] })
    expect(plan(set, three, [on('a', { ready: false }), ...allOld])).toMatchObject({ create: [], remove: [] })
    expect(plan(set, three, [on('a'), ...allOld])).toMatchObject({ create: [], remove: ['p-a-old'] })
  })

  it('is left to others with OnDelete', () => {
    expect(plan(aDaemonSet({ updateStrategy: { type: 'OnDelete' } }), three, allOld).remove).toEqual([])
  })
})

describe('the status of a DaemonSet', () => {
  it('counts nodes, not pods', () => {
    const pods = [on('a'), on('b', { hash: 'old', ready: false }), on('lost')]
    expect(daemonSetStatus(observed(aDaemonSet(), three, pods))).toEqual({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 2,
      numberMisscheduled: 1,
      numberReady: 1,
      numberAvailable: 1,
      numberUnavailable: 2,
      updatedNumberScheduled: 1,
      observedGeneration: 1,
    })
  })
})

describe('the pod of a DaemonSet', () => {
  it('can be scheduled to its node alone, and keeps the other wishes of the template', () => {
    const template = aTemplate()
    const expression = { key: 'zone', operator: 'Exists' }
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [expression] }] },
      },
    }
    const set = aDaemonSet({ template: { ...template, spec: { containers: [], ...template.spec, affinity } } })
    const pod = daemonPod(set, 'a', 'new')
    expect(nodeOfDaemonPod(pod)).toBe('a')
    expect(pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms).toEqual(
      [{ matchExpressions: [expression], matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }],
    )
    expect(pod.metadata).toMatchObject({ generateName: 'agent-', labels: { 'controller-revision-hash': 'new' } })
  })
})

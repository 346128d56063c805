import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { NodeSelector, PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/core-v1.ts'
import type { CSINode, StorageClass } from '../../api/types/storage-v1.ts'
import { seededRandom } from '../../lib/random.ts'
import { decide, refusalMessage } from '../decision.ts'
import { defaultPlugins } from '../plugins.ts'
import { aCache, aNode, aPod, type PodOptions } from '../test-objects.ts'
import { matchVolumes, type VolumePlan } from './match-volumes.ts'
import { noStorage, type StorageView } from './storage-view.ts'

const meta = (name: string, more: object = {}) => ({
  ...{ name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '', ...more },
})
const onNodes = (...values: string[]): { required: NodeSelector } => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values }] }] },
})

function volume(name: string, spec: PersistentVolume['spec'] = {}, labels = {}): Live<PersistentVolume> {
  const common = { capacity: { storage: '10Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'late' }
  return { metadata: meta(name, { labels }), spec: { ...common, ...spec }, status: { phase: 'Available' } }
}
function claim(name: string, spec: PersistentVolumeClaim['spec'] = {}, annotations = {}): Live<PersistentVolumeClaim> {
  const common = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'late',
    resources: { requests: { storage: '5Gi' } },
  }
  return {
    metadata: meta(name, { namespace: 'default', annotations }),
    spec: { ...common, ...spec },
    status: { phase: 'Pending' },
  }
}
const bound = (name: string, volumeName: string, spec: PersistentVolumeClaim['spec'] = {}) =>
  claim(name, { volumeName, ...spec }, { 'pv.kubernetes.io/bind-completed': 'yes' })
const aClass = (name: string, more: Partial<StorageClass> = {}): Live<StorageClass> => ({
  ...{ provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer', ...more },
  metadata: meta(name),
})

interface Storage {
  readonly claims?: Live<PersistentVolumeClaim>[]
  readonly volumes?: Live<PersistentVolume>[]
  readonly classes?: Live<StorageClass>[]
  readonly csiNodes?: Live<CSINode>[]
}
function view({ claims = [], volumes = [], classes = [aClass('late')], csiNodes = [] }: Storage): StorageView {
  return {
    ...noStorage,
    claim: (_, name) => claims.find(({ metadata }) => metadata.name === name),
    volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
    volumesOfClass: (name) => volumes.filter(({ spec }) => spec?.storageClassName === name),
    storageClass: (name) => classes.find(({ metadata }) => metadata.name === name),
    csiNode: (name) => csiNodes.find(({ metadata }) => metadata.name === name),
  }
}

const zone = (name: string) => ({ labels: { 'topology.kubernetes.io/zone': name } })
const nodes = [aNode('a', zone('one')), aNode('b', zone('two'))]
const using = (...names: string[]): PodOptions => ({
  volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
})

function choose(pod: Live<Pod>, storage: Storage, pods: Live<Pod>[] = []) {
  const snapshot = aCache(nodes, pods, () => undefined, view(storage)).snapshot()
  return decide(pod, snapshot, { plugins: defaultPlugins, random: seededRandom(1), start: 0, enough: Infinity })
    .decision
}
const feasible = (pod: Live<Pod>, storage: Storage, pods: Live<Pod>[] = []) => choose(pod, storage, pods).feasible

describe('a pod whose claims cannot be had', () => {
  const cases: [string, Storage, string][] = [
    ['a claim that is not there', {}, 'persistentvolumeclaim "c" not found'],
    [
      'a claim that waits for its volume',
      { claims: [claim('c')], classes: [aClass('late', { volumeBindingMode: 'Immediate' })] },
      'pod has unbound immediate PersistentVolumeClaims',
    ],
    [
      'a volume elsewhere',
      { claims: [bound('c', 'v')], volumes: [volume('v', { nodeAffinity: onNodes('x') })] },
      "2 node(s) didn't match PersistentVolume's node affinity",
    ],
    ['no volume to bind', { claims: [claim('c')] }, "2 node(s) didn't find available persistent volumes to bind"],
    [
      'a volume in another zone',
      {
        claims: [bound('c', 'v')],
        volumes: [volume('v', {}, { 'topology.kubernetes.io/zone': 'three' })],
      },
      '2 node(s) had no available volume zone',
    ],
    ['a volume that is gone', { claims: [bound('c', 'v')] }, 'persistentvolume "v" not found'],
    [
      'a claim of a class that is not there',
      { claims: [claim('c')], classes: [] },
      'pod has unbound immediate PersistentVolumeClaims',
    ],
  ]
  it.each(cases)('%s', (_what, storage, reason) => {
    const decision = choose(aPod('p', using('c')), storage)
    expect(refusalMessage(decision)).toBe(`0/2 nodes are available: ${reason}.`)
  })
})

describe('claims that wait for their first consumer', () => {
  it('lead the pod to where a volume is', () => {
    const storage = { claims: [claim('c')], volumes: [volume('v', { nodeAffinity: onNodes('b') })] }
    expect(feasible(aPod('p', using('c')), storage)).toEqual(['b'])
  })

  it('get the smallest volume that will do, each its own', () => {
    const volumes = [
      volume('big', { capacity: { storage: '50Gi' } }),
      volume('small'),
      volume('tiny', { capacity: { storage: '1Gi' } }),
    ]
    const claims = [claim('c'), claim('d')]
    const plan = matchVolumes(claims, aNode('a'), view({ volumes })) as VolumePlan
    expect(plan.matches.map((match) => [match.claim.metadata.name, match.volume.metadata.name])).toEqual([
      ['c', 'small'],
      ['d', 'big'],
    ])
  })

  it('take the volume that is set aside for them, and none that is for others', () => {
    const other = { name: 'x', namespace: 'default' }
    const own = { name: 'c', namespace: 'default' }
    const volumes = [
      volume('taken', { claimRef: other }),
      volume('own', { claimRef: own, capacity: { storage: '1Gi' } }),
    ]
    const plan = matchVolumes([claim('c')], aNode('a'), view({ volumes })) as VolumePlan
    expect(plan.matches[0]?.volume.metadata.name).toBe('own')
  })

  it('are provisioned where the class allows it', () => {
    const topologies = [{ matchLabelExpressions: [{ key: 'topology.kubernetes.io/zone', values: ['two'] }] }]
    const classes = [aClass('late', { provisioner: 'example.com/disk', allowedTopologies: topologies })]
    expect(feasible(aPod('p', using('c')), { claims: [claim('c')], classes })).toEqual(['b'])
  })

  it('stay with the node for which they are being provisioned', () => {
    const claims = [claim('c', {}, { 'volume.kubernetes.io/selected-node': 'a' })]
    const classes = [aClass('late', { provisioner: 'example.com/disk' })]
    expect(feasible(aPod('p', using('c')), { claims, classes })).toEqual(['a'])
  })
})

describe('limits of volumes', () => {
  it('come from the CSINode of a node', () => {
    const csi = (name: string) => volume(name, { csi: { driver: 'example.com/disk', volumeHandle: name } })
    const storage = {
      claims: [bound('c', 'v'), bound('d', 'w')],
      volumes: [csi('v'), csi('w')],
      csiNodes: [
        {
          metadata: meta('a'),
          spec: { drivers: [{ name: 'example.com/disk', nodeID: 'a', allocatable: { count: 1 } }] },
        },
      ],
    }
    const there = aPod('q', { nodeName: 'a', ...using('d') })
    expect(feasible(aPod('p', using('c')), storage, [there])).toEqual(['b'])
    expect(feasible(aPod('p', using('d')), storage, [there])).toEqual(['a', 'b'])
  })

  it('let only one pod use a claim of mode ReadWriteOncePod', () => {
    const storage = { claims: [bound('c', 'v', { accessModes: ['ReadWriteOncePod'] })], volumes: [volume('v')] }
    expect(feasible(aPod('p', using('c')), storage)).toEqual(['a', 'b'])
    const decision = choose(aPod('p', using('c')), storage, [aPod('q', { nodeName: 'a', ...using('c') })])
    expect(refusalMessage(decision)).toBe(
      '0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.',
    )
  })
})

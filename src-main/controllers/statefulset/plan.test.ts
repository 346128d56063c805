import { describe, expect, it } from 'vitest'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import type { Live } from '../../api/meta/object.ts'
import { ownerReference } from '../../api/meta/owner-references.ts'
import type { StatefulSet, StatefulSetSpec } from '../../api/types/apps-v1.ts'
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.ts'
import { ago, aPod, aTemplate, nowMs } from '../test-objects.ts'
import { changedOwners } from './claim-owners.ts'
import { claimsOf, ordinalOf, statefulPod, type Version } from './identity.ts'
import { planStatefulSet } from './plan.ts'

const aSet = (spec: Partial<StatefulSetSpec> = {}): Live<StatefulSet> => ({
  metadata: {
    name: 'db',
    namespace: 'default',
    uid: 'set',
    resourceVersion: '1',
    creationTimestamp: ago(99),
    generation: 1,
  },
  spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: { app: 'web' } }, template: aTemplate(), ...spec },
})
const rolling = (rollingUpdate: {
  partition?: number
  maxUnavailable?: number | string
}): Partial<StatefulSetSpec> => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate },
})
const old: Version = { name: 'db-old', template: aTemplate('web:1') }
const recent: Version = { name: 'db-new', template: aTemplate('web:2') }

interface MemberFacts {
  version?: Version
  sick?: boolean
  going?: boolean
  phase?: string
}
const member = (
  ordinal: number,
  { version = recent, sick = false, going = false, phase = 'Running' }: MemberFacts = {},
): Live<Pod> =>
  aPod(`db-${ordinal}`, {
    metadata: {
      labels: { app: 'web', 'controller-revision-hash': version.name },
      ...(going ? { deletionTimestamp: ago(1) } : {}),
    },
    status: { phase },
    ...(sick ? {} : { readyFor: 60 }),
  })

function plan(set: Live<StatefulSet>, pods: Live<Pod>[], current: Version = recent) {
  const { create, remove, status } = planStatefulSet({ set, pods, current, update: recent, nowMs })
  return {
    create: create.map(({ ordinal, version }) => `${ordinal} ${version.name}`),
    remove: remove.map(({ metadata }) => metadata.name),
    status,
  }
}
const steps = (...args: Parameters<typeof plan>) => {
  const { create, remove } = plan(...args)
  return [...create.map((one) => `+${one.split(' ')[0]}`), ...remove.map((name) => `-${name}`)]
}

describe('an ordered StatefulSet', () => {
  it.each([
    ['begins with its first pod', aSet(), [], ['+0']],
    ['waits until a pod is ready before the next', aSet(), [member(0, { sick: true })], []],
    ['goes on when it is', aSet(), [member(0)], ['+1']],
    ['fills a gap before it goes on', aSet(), [member(0), member(2)], ['+1']],
    ['waits for a pod that is going', aSet(), [member(0, { going: true })], []],
    ['replaces a pod that has ended', aSet(), [member(0, { phase: 'Failed', sick: true })], ['-db-0']],
    ['begins where it is told to', aSet({ ordinals: { start: 5 } }), [], ['+5']],
    ['shrinks from the top, one at a time', aSet({ replicas: 1 }), [member(0), member(1), member(2)], ['-db-2']],
    [
      'waits for the last one to be gone',
      aSet({ replicas: 1 }),
      [member(0), member(1), member(2, { going: true })],
      [],
    ],
    [
      'does not shrink while a pod that stays is sick',
      aSet({ replicas: 1 }),
      [member(0, { sick: true }), member(1)],
      [],
    ],
    [
      'does not shrink while several are sick',
      aSet({ replicas: 0 }),
      [member(0, { sick: true }), member(1, { sick: true }), member(2, { sick: true })],
      [],
    ],
    [
      'shrinks when the only sick pod is the next to go',
      aSet({ replicas: 1 }),
      [member(0), member(1, { sick: true })],
      ['-db-1'],
    ],
    ['waits for minReadySeconds', aSet({ minReadySeconds: 90 }), [member(0)], []],
  ])('%s', (_what, set, pods, expected) => {
    expect(steps(set, pods)).toEqual(expected)
  })
})

describe('a parallel StatefulSet', () => {
  const parallel = (spec: Partial<StatefulSetSpec> = {}) => aSet({ podManagementPolicy: 'Parallel', ...spec })

  it('brings all pods up and down at once', () => {
    expect(steps(parallel(), [member(1, { sick: true })])).toEqual(['+0', '+2'])
    expect(steps(parallel({ replicas: 1 }), [member(0), member(1), member(2)])).toEqual(['-db-2', '-db-1'])
  })
})

describe('an update of a StatefulSet', () => {
  const outdated = [0, 1, 2].map((ordinal) => member(ordinal, { version: old }))

  it('goes from the highest ordinal down, one after the other', () => {
    expect(steps(aSet(rolling({})), outdated, old)).toEqual(['-db-2'])
    expect(steps(aSet(rolling({})), [...outdated.slice(0, 2), member(2, { sick: true })], old)).toEqual([])
    expect(steps(aSet(rolling({})), [...outdated.slice(0, 2), member(2)], old)).toEqual(['-db-1'])
  })

  it('stops at the partition, and restores pods below it in the old version', () => {
    const set = aSet(rolling({ partition: 2 }))
    expect(steps(set, [...outdated.slice(0, 2), member(2)], old)).toEqual([])
    expect(plan(set, [outdated[0]!, member(2)], old).create).toEqual(['1 db-old'])
    expect(plan(set, outdated.slice(0, 2), old).create).toEqual(['2 db-new'])
  })

  it('takes as many at a time as may be unavailable', () => {
    expect(steps(aSet(rolling({ maxUnavailable: 2 })), outdated, old)).toEqual(['-db-2', '-db-1'])
    // Of three pods half are one, and a tenth is still one.
    expect(steps(aSet(rolling({ maxUnavailable: '50%' })), outdated, old)).toEqual(['-db-2'])
    expect(steps(aSet(rolling({ maxUnavailable: '10%' })), outdated, old)).toEqual(['-db-2'])
  })

  it('gets past pods of an old version that never became ready', () => {
    const pods = [member(0, { version: old }), member(1, { version: old }), member(2, { version: old, sick: true })]
    expect(steps(aSet(rolling({})), pods, old)).toEqual(['-db-2'])
  })

  it('is left to others with OnDelete, and reaches pods that are made anew', () => {
    const set = aSet({ updateStrategy: { type: 'OnDelete' } })
    expect(steps(set, outdated, old)).toEqual([])
    expect(plan(set, outdated.slice(0, 2), old).create).toEqual(['2 db-new'])
  })

  it('is told by the status, and over when the last pod is ready', () => {
    expect(plan(aSet(), [...outdated.slice(0, 2), member(2)], old).status).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      currentReplicas: 2,
      updatedReplicas: 1,
      currentRevision: 'db-old',
      updateRevision: 'db-new',
    })
    const done = [0, 1, 2].map((ordinal) => member(ordinal))
    expect(plan(aSet(), done, old).status).toMatchObject({ currentReplicas: 3, currentRevision: 'db-new' })
  })
})

describe('the pods of a StatefulSet', () => {
  const volumeClaimTemplates: PersistentVolumeClaim[] = [
    { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } },
  ]

  it('have a name, a host name and volumes of their own', () => {
    expect(statefulPod(aSet({ volumeClaimTemplates }), 2, recent)).toMatchObject({
      metadata: {
        name: 'db-2',
        labels: {
          'statefulset.kubernetes.io/pod-name': 'db-2',
          'apps.kubernetes.io/pod-index': '2',
          'controller-revision-hash': 'db-new',
        },
        ownerReferences: [{ kind: 'StatefulSet', uid: 'set', controller: true }],
      },
      spec: {
        hostname: 'db-2',
        subdomain: 'db',
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-2' } }],
      },
    })
    expect(claimsOf(aSet({ volumeClaimTemplates }), 2)).toMatchObject([
      { metadata: { name: 'data-db-2', labels: { app: 'web' } } },
    ])
  })

  it.each([
    ['db-0', 0],
    ['db-12', 12],
    ['db-01', undefined],
    ['db-x', undefined],
    ['other-0', undefined],
  ])('%s has the ordinal %s', (name, ordinal) => {
    expect(ordinalOf(aSet(), aPod(name))).toBe(ordinal)
  })

  const claim: Live<PersistentVolumeClaim> = {
    metadata: { name: 'data-db-2', uid: 'claim', resourceVersion: '1', creationTimestamp: ago(9) },
  }
  it.each([
    ['stay by default', {}, 3, undefined],
    ['go with the set', { whenDeleted: 'Delete' }, 3, 'set'],
    ['go with a pod that is one too many', { whenScaled: 'Delete' }, 1, 'uid-db-2'],
    ['stay with a pod that is wanted', { whenScaled: 'Delete' }, 3, undefined],
    ['go with the pod rather than with the set', { whenDeleted: 'Delete', whenScaled: 'Delete' }, 1, 'uid-db-2'],
  ])('have claims that %s', (_what, persistentVolumeClaimRetentionPolicy, replicas, ownerUid) => {
    const set = aSet({ persistentVolumeClaimRetentionPolicy, replicas })
    expect(changedOwners(set, 2, member(2), claim)?.[0]?.uid).toBe(ownerUid)
  })

  it('have claims that forget a pod which is wanted again', () => {
    const owned = { ...claim, metadata: { ...claim.metadata, ownerReferences: [ownerReference(member(2), podKind)] } }
    expect(changedOwners(aSet(), 2, member(2), owned)).toEqual([])
  })
})

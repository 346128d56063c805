import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { PersistentVolumeClaimSpec, PersistentVolumeSpec } from '../../api/types/core-v1.ts'
import type { ObjectMeta } from '../../api/types/meta-v1.ts'
import type { StorageClass } from '../../api/types/storage-v1.ts'
import { ago } from '../test-objects.ts'
import { planExpand } from './expand.ts'
import { planClaim } from './plan-claim.ts'
import { planVolume } from './plan-volume.ts'
import type { Claim, Volume } from './volume-facts.ts'

const meta = (name: string, rest: ObjectMeta = {}): Claim['metadata'] => ({
  ...{ uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: ago(9) },
  ...rest,
  name,
})
const aClaim = (spec: PersistentVolumeClaimSpec = {}, rest: ObjectMeta = {}, phase = 'Pending'): Claim => ({
  metadata: meta('data', { namespace: 'default', ...rest }),
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    volumeMode: 'Filesystem',
    storageClassName: '',
    ...spec,
  },
  status: { phase },
})
const aVolume = (
  name: string,
  spec: PersistentVolumeSpec = {},
  phase = 'Available',
  rest: ObjectMeta = {},
): Volume => ({
  metadata: meta(name, rest),
  spec: {
    capacity: { storage: '2Gi' },
    accessModes: ['ReadWriteOnce'],
    volumeMode: 'Filesystem',
    storageClassName: '',
    persistentVolumeReclaimPolicy: 'Retain',
    hostPath: { path: '/x' },
    ...spec,
  },
  status: { phase },
})
const aClass = (name: string, rest: Partial<StorageClass> = {}, metadata: ObjectMeta = {}): Live<StorageClass> => ({
  provisioner: 'example.com/disks',
  volumeBindingMode: 'Immediate',
  ...rest,
  metadata: meta(name, metadata),
})
const refTo = (uid = '', name = 'data') => ({
  claimRef: { name, namespace: 'default', ...(uid === '' ? {} : { uid }) },
})
const plan = (claim: Claim, volumes: Volume[] = [], classes: Live<StorageClass>[] = [], pods: string[] = []) =>
  planClaim({
    ...{ claim, classes },
    waitingPods: () => pods,
    volumes: () => volumes,
    volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
  })
const boundTo = (result: ReturnType<typeof plan>) => (result.action === 'bind' ? result.volume.metadata.name : result)
const reasonOf = (result: ReturnType<typeof plan>) => ('event' in result ? result.event?.reason : undefined)

describe('which volume a claim gets', () => {
  const ssd = { matchLabels: { disk: 'ssd' } }
  it.each<[string, Claim, Volume[], string]>([
    [
      'the smallest that is large enough',
      aClaim(),
      [aVolume('big', { capacity: { storage: '9Gi' } }), aVolume('fit')],
      'fit',
    ],
    [
      'the one set aside for it',
      aClaim(),
      [aVolume('fit'), aVolume('mine', { ...refTo(), capacity: { storage: '9Gi' } })],
      'mine',
    ],
    [
      'one of its class',
      aClaim({ storageClassName: 'fast' }),
      [aVolume('a'), aVolume('b', { storageClassName: 'fast' })],
      'b',
    ],
    [
      'one that its selector finds',
      aClaim({ selector: ssd }),
      [aVolume('a'), aVolume('b', {}, 'Available', { labels: { disk: 'ssd' } })],
      'b',
    ],
    [
      'one with all its access modes',
      aClaim({ accessModes: ['ReadWriteMany'] }),
      [aVolume('a'), aVolume('b', { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] })],
      'b',
    ],
    [
      'one that allows no more than it wants, before a smaller one',
      aClaim(),
      [
        aVolume('a', { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }),
        aVolume('b', { capacity: { storage: '9Gi' } }),
      ],
      'b',
    ],
    [
      'the one set aside for it, whatever its class',
      aClaim(),
      [aVolume('a'), aVolume('b', { ...refTo(), storageClassName: 'fast' })],
      'b',
    ],
    [
      'the one that it names and that names it, whatever they are like',
      aClaim({ volumeName: 'b', volumeMode: 'Block' }),
      [aVolume('b', refTo())],
      'b',
    ],
    ['one of its mode', aClaim({ volumeMode: 'Block' }), [aVolume('a'), aVolume('b', { volumeMode: 'Block' })], 'b'],
    ['the one that it names', aClaim({ volumeName: 'b' }), [aVolume('a'), aVolume('b')], 'b'],
  ])('%s', (_which, claim, volumes, expected) => {
    expect(boundTo(plan(claim, volumes))).toBe(expected)
  })

  it.each<[string, Volume]>([
    ['too small', aVolume('a', { capacity: { storage: '1Mi' } })],
    ["another's", aVolume('a', refTo('uid-other', 'other'))],
    ['a namesake that came before', aVolume('a', refTo('uid-before'))],
    ['not free yet', aVolume('a', {}, 'Released')],
    ['on its way out', aVolume('a', {}, 'Available', { deletionTimestamp: ago(1) })],
  ])('never one that is %s', (_what, volume) => {
    expect(plan(aClaim(), [volume])).toMatchObject({ action: 'wait', event: { reason: 'FailedBinding' } })
  })

  it.each<[string, Claim, Volume[], string | undefined]>([
    ['waits in silence for a volume that is not there', aClaim({ volumeName: 'b' }), [], undefined],
    [
      'says that the volume it names has somebody',
      aClaim({ volumeName: 'b' }),
      [aVolume('b', refTo('u', 'other'))],
      'FailedBinding',
    ],
    [
      'says that the volume it names does not fit',
      aClaim({ volumeName: 'b', volumeMode: 'Block' }),
      [aVolume('b')],
      'VolumeMismatch',
    ],
  ])('a claim %s', (_what, claim, volumes, reason) => {
    const result = plan(claim, volumes)
    expect([result.action, reasonOf(result)]).toEqual(['wait', reason])
  })
})

describe('a claim of a class', () => {
  const fast = aClaim({ storageClassName: 'fast' })
  const late = aClass('fast', { volumeBindingMode: 'WaitForFirstConsumer' })
  const chosen = { annotations: { 'volume.kubernetes.io/selected-node': 'one' } }

  it('asks the provisioner of its class for a volume, once', () => {
    expect(plan(fast, [], [aClass('fast')])).toMatchObject({
      action: 'provision',
      provisioner: 'example.com/disks',
      event: { reason: 'ExternalProvisioning' },
    })
    const asked = aClaim(
      { storageClassName: 'fast' },
      { annotations: { 'volume.kubernetes.io/storage-provisioner': 'example.com/disks' } },
    )
    expect(plan(asked, [], [aClass('fast')])).toMatchObject({
      action: 'wait',
      event: { reason: 'ExternalProvisioning' },
    })
  })

  it('waits for its first consumer where the class says so, but takes what was set aside for it', () => {
    const free = aVolume('a', { storageClassName: 'fast' })
    expect(reasonOf(plan(fast, [free], [late]))).toBe('WaitForFirstConsumer')
    expect(boundTo(plan(fast, [aVolume('b', { storageClassName: 'fast', ...refTo('uid-data') })], [late]))).toBe('b')
    expect(plan(aClaim({ storageClassName: 'fast' }, chosen), [], [late]).action).toBe('provision')
  })

  it('says that its class is missing, or that nobody makes its volumes', () => {
    expect(reasonOf(plan(fast))).toBe('ProvisioningFailed')
    const byHand = aClass('fast', { provisioner: 'kubernetes.io/no-provisioner' })
    expect(plan(fast, [], [byHand])).toMatchObject({
      event: {
        ...{ type: 'Warning', reason: 'ProvisioningFailed' },
        message: 'no volume plugin matched name: kubernetes.io/no-provisioner',
      },
    })
  })

  it('asks the driver that has taken the place of a plugin', () => {
    const old = aClass('fast', { provisioner: 'kubernetes.io/aws-ebs' })
    expect(plan(fast, [], [old])).toMatchObject({ action: 'provision', provisioner: 'ebs.csi.aws.com' })
  })

  it.each([
    [[], 'WaitForFirstConsumer: waiting for first consumer to be created before binding'],
    [['a'], 'WaitForPodScheduled: waiting for pod a to be scheduled'],
    [['a', 'b'], 'WaitForPodScheduled: waiting for pods a,b to be scheduled'],
  ])('says which pods it waits for: %j', (pods, words) => {
    const result = plan(fast, [], [late], pods)
    expect(result.action === 'wait' ? `${result.event?.reason}: ${result.event?.message}` : '').toBe(words)
  })

  it('is of the newest default class when it names none', () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
    const classes = [aClass('old', {}, { annotations, creationTimestamp: ago(99) }), aClass('new', {}, { annotations })]
    const { storageClassName: _none, ...spec } = aClaim().spec ?? {}
    const claim = { ...aClaim(), spec }
    expect(plan(claim, [], classes)).toEqual({ action: 'setClass', storageClassName: 'new' })
    expect(plan(aClaim(), [], classes).action).toBe('wait')
  })
})

describe('a claim that was bound once', () => {
  const settled = (volumeName: string) =>
    aClaim({ volumeName }, { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }, 'Bound')
  it.each<[string, Volume[], string, string | undefined]>([
    ['stays bound', [aVolume('a', refTo('uid-data'))], 'bind', undefined],
    ['is lost with its volume', [], 'lose', 'ClaimLost'],
    ['is lost when another has its volume', [aVolume('a', refTo('u', 'other'))], 'lose', 'ClaimMisbound'],
    ['is lost when its volume does not know it', [aVolume('a', refTo())], 'lose', 'ClaimMisbound'],
  ])('%s', (_what, volumes, action, reason) => {
    const result = plan(settled('a'), volumes)
    expect([result.action, reasonOf(result)]).toEqual([action, reason])
  })

  it('is lost when it names no volume any more', () => {
    const message = 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!'
    expect(plan(settled(''))).toMatchObject({ action: 'lose', event: { reason: 'ClaimLost', message } })
  })
})

describe('what a volume is', () => {
  const provisioned = {
    annotations: { 'pv.kubernetes.io/provisioned-by': 'p', 'pv.kubernetes.io/bound-by-controller': 'yes' },
  }
  const gives = (policy: string) => ({ ...refTo('uid-data'), persistentVolumeReclaimPolicy: policy })
  it.each<[string, Volume, Claim | undefined, string]>([
    ['free', aVolume('a', {}, 'Pending'), undefined, 'Available'],
    ['set aside', aVolume('a', refTo()), undefined, 'Available'],
    ['bound', aVolume('a', refTo('uid-data')), aClaim({ volumeName: 'a' }), 'Bound'],
    ['released, and kept', aVolume('a', gives('Retain'), 'Bound'), undefined, 'Released'],
    [
      'released, for its provisioner to remove',
      aVolume('a', gives('Delete'), 'Bound', provisioned),
      undefined,
      'Released',
    ],
    ['released, before somebody tries to remove it', aVolume('a', gives('Delete'), 'Bound'), undefined, 'Released'],
    ['failed, for nobody can remove it', aVolume('a', gives('Delete'), 'Released'), undefined, 'Failed'],
    ['failed, and so it stays', aVolume('a', gives('Retain'), 'Failed'), undefined, 'Failed'],
    [
      'released, while it is being deleted',
      aVolume('a', gives('Delete'), 'Released', { deletionTimestamp: ago(1) }),
      undefined,
      'Released',
    ],
    [
      'removed, when nothing is behind it',
      aVolume('a', { ...gives('Delete'), hostPath: { path: '/tmp/x' } }, 'Released'),
      undefined,
      'remove',
    ],
    [
      'told not to fit its claim',
      aVolume('a', { ...refTo('uid-data'), volumeMode: 'Block' }),
      aClaim(),
      'tellMismatch',
    ],
    [
      'free again, when its claim took another and it is to be kept',
      aVolume('a', gives('Retain'), 'Bound', provisioned),
      aClaim({ volumeName: 'b' }),
      'unbind',
    ],
    ['failed, for nobody can clean it', aVolume('a', gives('Recycle'), 'Bound'), undefined, 'Failed'],
    [
      'released, when its claim took another',
      aVolume('a', gives('Delete'), 'Bound', provisioned),
      aClaim({ volumeName: 'b' }),
      'Released',
    ],
  ])('%s', (_what, volume, claim, phase) => {
    const result = planVolume(volume, claim)
    expect(result.action === 'phase' ? result.status.phase : result.action).toBe(phase)
  })

  it.each<[PersistentVolumeSpec, string, string]>([
    [{}, 'VolumeFailedDelete', 'host_path deleter only supports /tmp/.+ but received provided /x'],
    [
      { hostPath: undefined, nfs: { server: 's', path: '/' } } as PersistentVolumeSpec,
      'VolumeFailedDelete',
      'error getting deleter volume plugin for volume "a": no deletable volume plugin matched',
    ],
    [
      { hostPath: undefined, local: { path: '/x' } } as unknown as PersistentVolumeSpec,
      'VolumeFailedDelete',
      'error getting deleter volume plugin for volume "a": no volume plugin matched',
    ],
    [{ persistentVolumeReclaimPolicy: 'Recycle' }, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!'],
  ])('failed, and why: %j', (spec, reason, message) => {
    const result = planVolume(aVolume('a', { ...gives('Delete'), ...spec }, 'Released'), undefined)
    expect(result).toEqual({ action: 'phase', status: { phase: 'Failed', message }, event: { reason, message } })
  })

  it('free again, when its claim took another and nobody made it for that claim', () => {
    expect(planVolume(aVolume('a', refTo('uid-data')), aClaim({ volumeName: 'b' }))).toEqual({ action: 'unbind' })
  })
})

describe('a claim that grows', () => {
  const volume = aVolume('a', refTo('uid-data'), 'Bound', { annotations: { 'pv.kubernetes.io/provisioned-by': 'me' } })
  const grown = (storage: string, capacity: string): Claim => ({
    ...aClaim({ volumeName: 'a', resources: { requests: { storage } } }),
    status: { phase: 'Bound', capacity: { storage: capacity } },
  })
  it.each([
    ['nothing to do', grown('1Gi', '2Gi'), 'me', 'none'],
    ['a folder of ours', grown('5Gi', '2Gi'), 'me', 'grow'],
    ["another's volume", grown('5Gi', '2Gi'), 'other', 'somebodyElse'],
    ['not bound', aClaim({ resources: { requests: { storage: '5Gi' } } }), 'me', 'none'],
  ])('%s', (_what, claim, own, expected) => {
    expect(planExpand(claim, volume, own)).toBe(expected)
  })
})

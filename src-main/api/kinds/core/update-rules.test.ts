import { describe, expect, it } from 'vitest'
import type { PersistentVolumeClaim, PersistentVolumeSpec, Pod, ResourceRequirements } from '../../types/core-v1.ts'
import { persistentVolumeClaim } from './persistent-volume-claim.ts'
import { persistentVolume } from './persistent-volume.ts'
import { pod } from './pod.ts'

const aPod = (resources: ResourceRequirements, more: Pod = {}): Pod => ({
  ...more,
  spec: { ...more.spec, containers: [{ name: 'c', resources }] },
})
const resize = (before: Pod, after: Pod): string[] =>
  (pod.validateUpdate?.(after, before, 'resize') ?? []).map(({ path, detail }) => `${path}: ${detail}`)
const both = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } }

describe('a resize', () => {
  it('changes CPU and memory', () => {
    const more = { requests: { cpu: '1500m', memory: '1Gi' }, limits: { cpu: '3', memory: '3Gi' } }
    expect(resize(aPod(both), aPod(more))).toEqual([])
  })

  it.each<[string, Pod, Pod, string]>([
    [
      'takes no limit away',
      aPod(both),
      aPod({ ...both, limits: { cpu: '2' } }),
      'spec.containers[0].resources.limits: resource limits cannot be removed',
    ],
    [
      'changes nothing else',
      aPod(both),
      aPod({ ...both, limits: { ...both.limits, 'ephemeral-storage': '1Gi' } }),
      'spec.containers[0].resources.limits: only cpu and memory resources are mutable',
    ],
    [
      'leaves the pod in its class',
      aPod(both),
      aPod({ requests: both.limits, limits: both.limits }),
      'spec: Pod QOS Class may not change as a result of resizing',
    ],
    [
      'is not for what has ended',
      aPod(both, { status: { phase: 'Succeeded' } }),
      aPod(both),
      ': pod is in terminal phase and cannot be resized',
    ],
  ])('%s', (_case, before, after, error) => {
    expect(resize(before, after)).toContain(error)
  })
})

const aClaim = (storage: string, capacity?: string): PersistentVolumeClaim => ({
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, volumeName: 'v' },
  ...(capacity === undefined ? {} : { status: { phase: 'Bound', capacity: { storage: capacity } } }),
})

describe('a claim', () => {
  it.each([
    ['grows', '1Gi', '2Gi', '1Gi', []],
    ['does not shrink', '2Gi', '1Gi', '2Gi', ['spec.resources.requests.storage']],
    ['goes back after a growth that failed, as far as what it has', '5Gi', '3Gi', '2Gi', []],
  ])('%s', (_case, before, after, capacity, paths) => {
    const errors = persistentVolumeClaim.validateUpdate?.(aClaim(after), aClaim(before, capacity)) ?? []
    expect(errors.map(({ path }) => path)).toEqual(paths)
  })
})

describe('a volume', () => {
  const aVolume = (spec: PersistentVolumeSpec) => ({ spec })
  it.each<[string, PersistentVolumeSpec, PersistentVolumeSpec, string[]]>([
    [
      'may be larger',
      { hostPath: { path: '/a' }, capacity: { storage: '1Gi' } },
      { hostPath: { path: '/a' }, capacity: { storage: '2Gi' } },
      [],
    ],
    ['stays where it is', { hostPath: { path: '/a' } }, { hostPath: { path: '/b' } }, ['spec.persistentvolumesource']],
    ['stays what it is', { volumeMode: 'Block' }, { volumeMode: 'Filesystem' }, ['volumeMode']],
  ])('%s', (_case, before, after, paths) => {
    const errors = persistentVolume.validateUpdate?.(aVolume(after), aVolume(before)) ?? []
    expect(errors.map(({ path }) => path)).toEqual(paths)
  })
})

import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { APIService } from '../../api/types/apiregistration-v1.ts'
import type { Namespace } from '../../api/types/core-v1.ts'
import { ago, aPod, nowMs } from '../test-objects.ts'
import {
  complaintOf,
  deletionConditions,
  isEmptied,
  podGraceSeconds,
  undiscoveredVersions,
  type DeletionProgress,
} from './plan.ts'

const team: Live<Namespace> = {
  metadata: { name: 'team', uid: 'u', resourceVersion: '1', creationTimestamp: ago(60), deletionTimestamp: ago(1) },
}
const nothing: DeletionProgress = { remainders: [], failures: [], undiscovered: [] }
const said = (progress: Partial<DeletionProgress>) =>
  deletionConditions(team, { ...nothing, ...progress }, nowMs).map(({ type, status, reason, message }) =>
    [type, status, reason, message].join(' | '),
  )
const fine = [
  'NamespaceDeletionDiscoveryFailure | False | ResourcesDiscovered | All resources successfully discovered',
  'NamespaceDeletionGroupVersionParsingFailure | False | ParsedGroupVersions | All legacy kube types successfully parsed',
  'NamespaceDeletionContentFailure | False | ContentDeleted | All content successfully deleted, may be waiting on finalization',
  'NamespaceContentRemaining | False | ContentRemoved | All content successfully removed',
  'NamespaceFinalizersRemaining | False | ContentHasNoFinalizers | All content-preserving finalizers finished',
]

describe('the conditions of a namespace that is being deleted', () => {
  it.each<[string, Partial<DeletionProgress>, Record<number, string>]>([
    ['when all is gone', {}, {}],
    [
      'when other servers cannot be asked',
      { undiscovered: ['a.example/v1', 'b.example/v2'] },
      {
        0: 'NamespaceDeletionDiscoveryFailure | True | DiscoveryFailed | Discovery failed for some groups, 2 failing: unable to retrieve the complete list of server APIs: a.example/v1: stale GroupVersion discovery: a.example/v1, b.example/v2: stale GroupVersion discovery: b.example/v2',
      },
    ],
    [
      'when deletions failed, in the order of the alphabet',
      { failures: ['two', 'one'] },
      {
        2: 'NamespaceDeletionContentFailure | True | ContentDeletionFailed | Failed to delete all resource types, 2 remaining: one, two',
      },
    ],
    [
      'when objects are left, in the order of the alphabet, with what they wait for',
      {
        remainders: [
          { resource: 'pods.', count: 2, finalizers: { 'z.example/hold': 1, 'a.example/keep': 1 } },
          { resource: 'jobs.batch', count: 1, finalizers: { 'a.example/keep': 1 } },
        ],
      },
      {
        3: 'NamespaceContentRemaining | True | SomeResourcesRemain | Some resources are remaining: jobs.batch has 1 resource instances, pods. has 2 resource instances',
        4: 'NamespaceFinalizersRemaining | True | SomeFinalizersRemain | Some content in the namespace has finalizers remaining: a.example/keep in 2 resource instances, z.example/hold in 1 resource instances',
      },
    ],
  ])('%s', (_case, progress, unlike) => {
    expect(said(progress)).toEqual(fine.map((one, index) => unlike[index] ?? one))
    expect(isEmptied({ ...nothing, ...progress })).toBe(Object.keys(unlike).length === 0)
  })
})

describe('objects that are left', () => {
  const pods = { group: '', version: 'v1', plural: 'pods' }
  const jobs = { group: 'batch', version: 'v1', plural: 'jobs' }
  it.each([
    ['are a wonder', pods, {}, true, 'unexpected items still remain in namespace: team for gvr: /v1, Resource=pods'],
    ['of a group', jobs, {}, true, 'unexpected items still remain in namespace: team for gvr: batch/v1, Resource=jobs'],
    ['may have their time', pods, {}, false, undefined],
    ['wait for somebody', pods, { 'example.com/hold': 1 }, true, undefined],
  ])('%s', (_case, kind, finalizers, graceEnded, complaint) => {
    const remainder = { resource: 'pods.', count: 1, finalizers }
    expect(complaintOf(kind, remainder, { name: 'team', graceEnded })).toBe(complaint)
  })

  it('have as long as the pod that runs longest', () => {
    const spec = (terminationGracePeriodSeconds: number) => ({ spec: { terminationGracePeriodSeconds } })
    const ended = aPod('c', { ...spec(900), status: { phase: 'Succeeded' } })
    expect(podGraceSeconds([aPod('a', spec(30)), aPod('b', spec(60)), ended])).toBe(60)
  })
})

it('only services of other servers that do not answer hide what they hold', () => {
  const service = (group: string, remote: boolean, status: string): APIService => ({
    spec: {
      ...{ group, version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 },
      ...(remote ? { service: { name: 's', namespace: 'n' } } : {}),
    },
    status: { conditions: [{ type: 'Available', status }] },
  })
  const services = [service('z', true, 'False'), service('own', false, 'False'), service('b', true, 'True')]
  expect(undiscoveredVersions([...services, service('a', true, 'Unknown')])).toEqual(['a/v1', 'z/v1'])
})

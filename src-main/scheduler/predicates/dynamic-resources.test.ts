import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { ResourceClaim } from '../../api/types/resource-v1.ts'
import { seededRandom } from '../../lib/random.ts'
import { decide, refusalMessage } from '../decision.ts'
import type { DeviceView } from '../devices/device-view.ts'
import { defaultPlugins } from '../plugins.ts'
import { planRoom } from '../preemption/preemption.ts'
import { aCache, aNode, aPod } from '../test-objects.ts'
import { noStorage } from '../volumes/storage-view.ts'
import { dynamicResources } from './dynamic-resources.ts'

const limits = { enabled: true, minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 }
const request = { name: 'r', exactly: { deviceClassName: 'gpu' } }
const onB = { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }] }
const user = (uid: string) => ({ resource: 'pods', name: uid, uid })

function aClaim(status?: ResourceClaim['status'], metadata: object = {}): Live<ResourceClaim> {
  return {
    metadata: {
      ...{ name: 'c', namespace: 'default', uid: 'uid-c', resourceVersion: '1', creationTimestamp: '' },
      ...metadata,
    },
    spec: { devices: { requests: [request] } },
    ...(status === undefined ? {} : { status }),
  }
}

const naming = aPod('p', { resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }] })
const made = (status: Pod['status']): Live<Pod> => ({
  ...aPod('p', { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] }),
  status: { phase: 'Pending', ...status },
})
const withStatus = made({ resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'c' }] })
const ofPod = {
  ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: naming.metadata.uid, controller: true }],
}

function outcome(pod: Live<Pod>, claim: Live<ResourceClaim> | undefined, classes: readonly string[] = ['gpu']) {
  const devices: DeviceView = {
    resourceClaim: (_, name) => (name === 'c' ? claim : undefined),
    deviceClass: (name) => (classes.includes(name) ? { metadata: aClaim().metadata, spec: {} } : undefined),
  }
  const nodes = [aNode('a'), aNode('b')]
  const snapshot = aCache(nodes, [], () => undefined, noStorage, devices).snapshot()
  const random = seededRandom(1)
  const decided = decide(pod, snapshot, { plugins: defaultPlugins, random, start: 0, enough: Infinity })
  const { feasible } = decided.decision
  if (feasible.length > 0) return feasible
  const room = planRoom(pod, decided, snapshot, { limits, budgets: () => [], random })
  return refusalMessage(decided.decision, room.message)
}

const helpless = 'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.'
const before = (reason: string): string =>
  `0/2 nodes are available: ${reason}. no new claims to deallocate, ${helpless}`
const perNode = (reason: string): string => `0/2 nodes are available: ${reason}. still not schedulable, ${helpless}`

describe('a pod with resource claims', () => {
  it.each<[string, Live<Pod>, Live<ResourceClaim> | undefined, string | string[]]>([
    ['waits for a claim that is not there', naming, undefined, before('could not find ResourceClaim "default/c"')],
    [
      'waits for a claim that is to be made from a template',
      made({}),
      undefined,
      before('pod "default/p": ResourceClaim not created yet'),
    ],
    ['needs no claim where none was made', made({ resourceClaimStatuses: [{ name: 'gpu' }] }), undefined, ['a', 'b']],
    [
      'does not take the claim of another pod for its own',
      withStatus,
      aClaim({ allocation: {} }),
      before('ResourceClaim default/c was not created for pod default/p (pod is not owner)'),
    ],
    ['takes the claim that was made for it', withStatus, aClaim({ allocation: {} }, ofPod), ['a', 'b']],
    [
      'does not take a claim that is on its way out',
      naming,
      aClaim({ allocation: {} }, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      before('resourceclaim "c" is being deleted'),
    ],
    ['waits for devices', naming, aClaim(), perNode('2 cannot allocate all claims')],
    ['runs where the devices are', naming, aClaim({ allocation: { nodeSelector: onB } }), ['b']],
    [
      'does not crowd a claim',
      naming,
      aClaim({ allocation: {}, reservedFor: Array.from({ length: 256 }, (_, index) => user(`other-${index}`)) }),
      before('resourceclaim in use'),
    ],
    [
      'may stay among many users of a claim',
      naming,
      aClaim({
        allocation: {},
        reservedFor: [user(naming.metadata.uid), ...Array.from({ length: 255 }, (_, index) => user(`other-${index}`))],
      }),
      ['a', 'b'],
    ],
  ])('%s', (_what, pod, claim, expected) => expect(outcome(pod, claim)).toEqual(expected))

  it('waits for the class that its claim names', () => {
    expect(outcome(naming, aClaim(), [])).toBe(before('request r: device class gpu does not exist'))
  })

  it.each<[string, Live<ResourceClaim>, boolean]>([
    ['its own claim', aClaim(), true],
    ['another claim', aClaim(undefined, { name: 'd' }), false],
    ['a namesake elsewhere', aClaim(undefined, { namespace: 'other' }), false],
  ])('is tried again after a change of %s: %#', (_what, claim, helps) => {
    expect(dynamicResources.mayHelp({ type: 'claimChanged', claim }, naming)).toBe(helps)
  })
})

import { describe, expect, it } from 'vitest'
import { fieldErrorBody } from '../../field-error.ts'
import type { ContainerState, Pod, PodSpec, PodStatus } from '../../types/core-v1.ts'
import { pod } from './pod.ts'
import { validatePodStatus } from './pod-status-update.ts'

const aPod = (status: PodStatus, spec: Partial<PodSpec> = {}): Pod => ({
  metadata: { name: 'web' },
  spec: { restartPolicy: 'Never', containers: [{ name: 'web', image: 'web:1' }], ...spec },
  status,
})
const containerIn = (state: ContainerState): PodStatus => ({
  containerStatuses: [{ name: 'web', image: 'web:1', imageID: '', ready: false, restartCount: 0, state }],
})
const problems = (now: Pod, before: Pod): string[] =>
  validatePodStatus(now, before).map((error) => `${error.path}: ${fieldErrorBody(error)}`)

const ended = (exitCode: number): PodStatus => containerIn({ terminated: { exitCode } })
const running = containerIn({ running: {} })
const refused = ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state']

describe('the status of a pod', () => {
  it.each<[string, Partial<PodSpec>, number, string[]]>([
    ['never restarts', {}, 1, refused],
    ['restarts upon failure', { restartPolicy: 'OnFailure' }, 1, []],
    ['has done its work', { restartPolicy: 'OnFailure' }, 0, refused],
    ['always restarts', { restartPolicy: 'Always' }, 0, []],
    ['has a policy of its own', { containers: [{ name: 'web', image: 'web:1', restartPolicy: 'OnFailure' }] }, 1, []],
  ])('brings back a container that %s: %o, exit code %i', (_name, spec, code, expected) => {
    expect(problems(aPod(running, spec), aPod(ended(code), spec))).toEqual(expected)
  })

  it('keeps its class, and takes no odd names or generations', () => {
    const now = aPod({
      qosClass: 'Burstable',
      nominatedNodeName: 'No_Node',
      observedGeneration: -1,
      conditions: [{ type: 'Ready', status: 'True', observedGeneration: -2 }],
    })
    expect(validatePodStatus(now, aPod({ qosClass: 'BestEffort' })).map(({ path }) => path)).toEqual([
      'status.conditions[0].observedGeneration',
      'status.nominatedNodeName',
      'status.observedGeneration',
      'status.qosClass',
    ])
  })

  it('need not say the class again', () => {
    const now = aPod({ phase: 'Running' })
    const before = aPod({ qosClass: 'BestEffort' })
    pod.prepareUpdate?.(now, before)
    expect(problems(now, before)).toEqual([])
  })

  it.each<[PodStatus, PodStatus, string[]]>([
    [{ podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }], hostIP: '10.0.0.2', hostIPs: [{ ip: '10.0.0.2' }] }, {}, []],
    [
      { podIPs: [{ ip: '10.0.0' }] },
      {},
      ['status.podIPs[0]: Invalid value: "10.0.0": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ],
    [{ podIPs: [{ ip: '10.0.0' }] }, { podIPs: [{ ip: '10.0.0' }] }, []],
    [
      { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
      {},
      [
        'status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family',
      ],
    ],
    [
      { hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] },
      {},
      ['status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`'],
    ],
    [
      { resourceClaimStatuses: [{ name: 'gpu' }, { name: 'gpu' }] },
      {},
      [
        'status.resourceClaimStatuses[0].name: Invalid value: "gpu": must match the name of an entry in `spec.resourceClaims`',
        'status.resourceClaimStatuses[1].name: Invalid value: "gpu": must match the name of an entry in `spec.resourceClaims`',
        'status.resourceClaimStatuses[1].name: Duplicate value: "gpu"',
      ],
    ],
    [{ observedGeneration: -1 }, {}, ['status.observedGeneration: Invalid value: -1: must be a non-negative integer']],
    [{ nominatedNodeName: 'No_Node' }, { nominatedNodeName: 'No_Node' }, []],
  ])('of %j after %j', (now, before, causes) => expect(problems(aPod(now), aPod(before))).toEqual(causes))

  it('has conditions of qualified names', () =>
    expect(
      validatePodStatus(aPod({ conditions: [{ type: 'a b', status: 'True' }] }), aPod({})).map(({ path }) => path),
    ).toEqual(['status.conditions[0].Type']))
})

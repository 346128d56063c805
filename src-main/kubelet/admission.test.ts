import { describe, expect, it } from 'vitest'
import type { Container, Node, Pod, PodSpec } from '../api/types/core-v1.ts'
import { admit } from './admission.ts'

const node: Node = {
  metadata: { name: 'worker-1', labels: { disk: 'ssd' } },
  spec: { taints: [{ key: 'old', effect: 'NoSchedule' }] },
  status: { allocatable: { cpu: '2', memory: '1Gi', pods: '3', 'example.com/dongle': '1' } },
}
const container = (requests: Record<string, string>, more: Partial<Container> = {}): Container => ({
  name: 'web',
  image: 'web',
  resources: { requests },
  ...more,
})
const pod = (requests: Record<string, string> = {}, spec: Partial<PodSpec> = {}): Pod => ({
  spec: { containers: [container(requests)], ...spec },
})
const port = (hostPort: number, more: object = {}): Partial<PodSpec> => ({
  containers: [container({}, { ports: [{ containerPort: 80, hostPort, protocol: 'TCP', ...more }] })],
})

describe('a node', () => {
  it.each([
    { name: 'takes a pod that asks for nothing', pod: pod() },
    { name: 'takes a pod that needs all that is left', pod: pod({ cpu: '1500m' }), others: [pod({ cpu: '500m' })] },
    {
      name: 'refuses a pod that needs more processors',
      pod: pod({ cpu: '1501m', memory: '2Gi' }),
      others: [pod({ cpu: '500m' })],
      reason: 'OutOfcpu',
      message: "Node didn't have enough resource: cpu, requested: 1501, used: 500, capacity: 2000",
    },
    {
      name: 'refuses a pod that needs more memory',
      pod: pod({ memory: '1025Mi' }),
      reason: 'OutOfmemory',
      message: "Node didn't have enough resource: memory, requested: 1074790400, used: 0, capacity: 1073741824",
    },
    {
      name: 'refuses one pod too many',
      pod: pod(),
      others: [pod(), pod(), pod()],
      reason: 'OutOfpods',
      message: "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3",
    },
    {
      name: 'counts what else it gives out',
      pod: pod({ 'example.com/dongle': '1' }),
      others: [pod({ 'example.com/dongle': '1' })],
      reason: 'OutOfexample.com/dongle',
      message: "Node didn't have enough resource: example.com/dongle, requested: 1, used: 1, capacity: 1",
    },
    { name: 'does not ask for what it does not know', pod: pod({ 'example.com/licence': '5' }) },
    { name: 'takes a pod that selects it', pod: pod({}, { nodeSelector: { disk: 'ssd' } }) },
    {
      name: 'refuses a pod that selects others',
      pod: pod({}, { nodeSelector: { disk: 'hdd' } }),
      reason: 'NodeAffinity',
      message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    },
    {
      name: 'takes a port that is free',
      pod: pod({}, port(80)),
      others: [pod({}, port(81)), pod({}, port(80, { protocol: 'UDP' }))],
    },
    {
      name: 'takes a port at another address',
      pod: pod({}, port(80, { hostIP: '10.0.0.1' })),
      others: [pod({}, port(80, { hostIP: '10.0.0.2' }))],
    },
    {
      name: 'refuses a port that is taken, at every address too',
      pod: pod({}, port(80, { hostIP: '10.0.0.1' })),
      others: [pod({}, port(80))],
      reason: 'NodePorts',
      message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    },
    {
      name: 'refuses a pod that it would drive away',
      node: { ...node, spec: { taints: [{ key: 'gone', effect: 'NoExecute' }] } },
      pod: pod(),
      reason: 'TaintToleration',
      message: "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
    },
    {
      name: 'takes a pod that stays whatever its taints',
      node: { ...node, spec: { taints: [{ key: 'gone', effect: 'NoExecute' }] } },
      pod: pod({}, { tolerations: [{ operator: 'Exists' }] }),
    },
  ])('$name', ({ pod: asked, others = [], node: own = node, reason, message }) => {
    expect(admit(asked, others, own)).toEqual(reason === undefined ? undefined : { reason, message })
  })

  it('counts what another pod has been given, not what it wishes', () => {
    const resized: Pod = {
      ...pod({ cpu: '100m' }),
      status: {
        containerStatuses: [
          { name: 'web', ready: true, restartCount: 0, image: '', imageID: '', allocatedResources: { cpu: '1900m' } },
        ],
      },
    }
    expect(admit(pod({ cpu: '500m' }), [resized], node)?.reason).toBe('OutOfcpu')
  })

  it('that is not known yet is asked for its ports alone', () => {
    expect(admit(pod({ cpu: '100' }), [], undefined)).toBeUndefined()
    expect(admit(pod({}, port(80)), [pod({}, port(80))], undefined)?.reason).toBe('NodePorts')
  })
})

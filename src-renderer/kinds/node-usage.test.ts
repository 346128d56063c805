import { describe, expect, it } from 'vitest'
import type { Node, Pod } from '../../src-main/api/types/core-v1.ts'
import { formatBytes, formatCpu, usageOf } from './node-usage.ts'

const node: Node = { status: { allocatable: { cpu: '2', memory: '2Gi', pods: '110' } } }
const aPod = (cpu: string, phase = 'Running', initCpu = '0'): Pod => ({
  spec: {
    containers: [{ name: 'a', resources: { requests: { cpu, memory: '64Mi' } } }],
    initContainers: [{ name: 'i', resources: { requests: { cpu: initCpu } } }],
  },
  status: { phase },
})

describe('what the pods of a node ask for', () => {
  it('is the sum of those that have not ended', () => {
    const { cpu, memory, pods } = usageOf(node, [aPod('250m'), aPod('1'), aPod('1', 'Succeeded')])
    expect(cpu).toEqual({ requested: 1250, allocatable: 2000 })
    expect(memory).toEqual({ requested: 128 * 2 ** 20, allocatable: 2 * 2 ** 30 })
    expect(pods).toEqual({ requested: 2, allocatable: 110 })
  })

  it('counts an init container that asks for more than all that follow it', () => {
    expect(usageOf(node, [aPod('100m', 'Running', '500m')]).cpu.requested).toBe(500)
  })

  it('is written as Kubernetes writes it', () => {
    expect([250, 2000, 1500].map(formatCpu)).toEqual(['250m', '2', '1500m'])
    expect([0, 64 * 2 ** 20, 1.5 * 2 ** 30].map(formatBytes)).toEqual(['0B', '64Mi', '1.5Gi'])
  })
})

import { describe, expect, it } from 'vitest'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Node, Pod } from '../../src-main/api/types/core-v1.ts'
import type { Machine, MachineStep } from '../../src-main/api/types/lab-v1.ts'
import { bootMs, machineRows } from './machines.ts'

const metadata = (name: string) => ({
  name,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
})
const aMachine = (name: string): Live<Machine> => ({ metadata: metadata(name) })
const aNode = (name: string, ready: string): Live<Node> => ({
  metadata: metadata(name),
  status: { conditions: [{ type: 'Ready', status: ready }] },
})
const aPod = (name: string, nodeName?: string): Live<Pod> => ({
  metadata: metadata(name),
  spec: { containers: [], ...(nodeName === undefined ? {} : { nodeName }) },
})
const step = (name: string, from: string, to?: string): MachineStep => ({
  ...{ name, state: to === undefined ? 'Running' : 'Done', startedAt: `2026-01-01T00:00:${from}Z` },
  ...(to === undefined ? {} : { finishedAt: `2026-01-01T00:00:${to}Z` }),
})

describe('the rows of machines', () => {
  it('tell of each machine’s node and pods', () => {
    const rows = machineRows(
      [aMachine('one'), aMachine('two'), aMachine('three')],
      [aNode('one', 'True'), aNode('two', 'Unknown')],
      [aPod('a', 'one'), aPod('b', 'one'), aPod('c')],
    )
    expect(rows.map(({ node, pods }) => [node, pods])).toEqual([
      ['Ready', 2],
      ['NotReady', 0],
      [undefined, 0],
    ])
  })

  it('tell how long a machine took to come up, when it has', () => {
    const steps = [step('Boot', '01', '02'), step('Connect by SSH', '02', '05')]
    expect(bootMs({ status: { steps } })).toBe(4000)
    expect(bootMs({ status: { steps: [...steps, step('Load images', '05')] } })).toBeUndefined()
    expect(bootMs({})).toBeUndefined()
  })
})

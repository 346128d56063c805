import { expect, it } from 'vitest'
import type { Node } from '../api/types/core-v1.ts'
import { nodeEvents } from './node-events.ts'

const node = (conditions: Record<string, string>, bootID = 'a', unschedulable = false): Node => ({
  metadata: { name: 'one' },
  spec: unschedulable ? { unschedulable } : {},
  status: {
    conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })),
    nodeInfo: { bootID } as NonNullable<NonNullable<Node['status']>['nodeInfo']>,
  },
})
const fine = { MemoryPressure: 'False', DiskPressure: 'False', PIDPressure: 'False', Ready: 'True' }

it.each<[string, Node, Node, string[]]>([
  [
    'a new node',
    { metadata: { name: 'one' } },
    node(fine),
    ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID', 'NodeReady'],
  ],
  [
    'a new node that is not ready yet',
    { metadata: { name: 'one' } },
    node({ ...fine, Ready: 'False' }),
    ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'],
  ],
  ['a node without news', node(fine), node(fine), []],
  ['a node that stops being ready', node(fine), node({ ...fine, Ready: 'False' }), ['NodeNotReady']],
  ['a node that was given up, and is back', node({ ...fine, Ready: 'Unknown' }), node(fine), ['NodeReady']],
  ['a node under pressure', node(fine), node({ ...fine, MemoryPressure: 'True' }), ['NodeHasInsufficientMemory']],
  ['a node that is cordoned', node(fine), node(fine, 'a', true), ['NodeNotSchedulable']],
  ['a node that is taken into use again', node(fine, 'a', true), node(fine), ['NodeSchedulable']],
])('tells of %s', (_, before, after, reasons) => {
  expect(nodeEvents(before, after)).toEqual(
    reasons.map((reason) => ({ type: 'Normal', reason, message: `Node one status is now: ${reason}` })),
  )
})

it('warns of a node that was rebooted', () => {
  expect(nodeEvents(node(fine), node(fine, 'b'))).toEqual([
    { type: 'Warning', reason: 'Rebooted', message: 'Node one has been rebooted, boot id: b' },
  ])
})

import { describe, expect, it } from 'vitest'
import { nodeInfoOf, withNode } from './node-info.ts'
import { NodeList } from './node-list.ts'
import { NodeMemories } from './node-memory.ts'
import { aNode } from './test-objects.ts'

const inZone = (name: string, zone: string) => aNode(name, { labels: { 'topology.kubernetes.io/zone': zone } })

function aList(...nodes: ReturnType<typeof aNode>[]): NodeList {
  const list = new NodeList()
  for (const node of nodes) list.set(nodeInfoOf(node, []))
  return list
}
const namesIn = (list: NodeList): string[] => list.all().map(({ name }) => name)

describe('the list of nodes', () => {
  it('takes one of each zone in turn, as long as there are any', () => {
    const list = aList(inZone('a', 'x'), inZone('b', 'x'), inZone('c', 'x'), inZone('d', 'y'), inZone('e', 'z'))
    expect(namesIn(list)).toEqual(['a', 'd', 'e', 'b', 'c'])
  })

  it('follows nodes that come, go and move', () => {
    const list = aList(inZone('a', 'x'), inZone('b', 'x'), inZone('c', 'y'))
    list.delete('c')
    expect(namesIn(list)).toEqual(['a', 'b'])
    const known = list.get('a')
    if (known !== undefined) list.set(withNode(known, inZone('a', 'z')))
    list.set(nodeInfoOf(inZone('d', 'x'), []))
    expect(namesIn(list)).toEqual(['b', 'a', 'd'])
    expect(list.all().map(({ place }) => place)).toEqual([0, 1, 2])
  })

  it('stays what it was for whoever has it already', () => {
    const list = aList(aNode('a'), aNode('b'))
    const before = list.all()
    const known = list.get('b')
    if (known !== undefined) list.set(withNode(known, aNode('b', { labels: { disk: 'ssd' } })))
    expect(before[1]).toBe(known)
    expect(list.all()[1]?.node.metadata.labels).toMatchObject({ disk: 'ssd' })
  })
})

describe('what is remembered of nodes', () => {
  it('holds for as long as the node does not change, wherever it stands', () => {
    const list = aList(aNode('a'), aNode('b'))
    const memory = new NodeMemories().of<string>({}, 'names')
    let asked = 0
    const ask = (): string[] =>
      list.all().map((node) =>
        memory.of(node, ({ name }) => {
          asked++
          return name
        }),
      )
    expect([ask(), ask(), asked]).toEqual([['a', 'b'], ['a', 'b'], 2])
    const known = list.get('b')
    if (known !== undefined) list.set(withNode(known, aNode('b')))
    expect([ask(), asked]).toEqual([['a', 'b'], 3])
    list.delete('a')
    expect([ask(), asked]).toEqual([['b'], 4])
  })

  it('is not asked about nodes that are only supposed', () => {
    const memory = new NodeMemories().of<number>({}, 'count')
    const supposed = nodeInfoOf(aNode('a'), [])
    let asked = 0
    for (let turn = 0; turn < 2; turn++) memory.of(supposed, () => ++asked)
    expect(asked).toBe(2)
  })

  it('is kept for the keys that were asked for last', () => {
    const memories = new NodeMemories()
    const owner = {}
    const first = memories.of(owner, 'first')
    for (let index = 0; index < 100; index++) memories.of(owner, String(index))
    expect(memories.of(owner, 'first')).not.toBe(first)
    expect(memories.of(owner, '99')).toBe(memories.of(owner, '99'))
  })
})

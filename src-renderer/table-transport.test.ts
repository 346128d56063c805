import { describe, expect, it } from 'vitest'
import type { ApiRequest, RawWatchEvent, Transport } from '../src-main/client/client.ts'
import { VirtualClock } from '../src-main/lib/virtual-clock.ts'
import { cellsOf, withTables, type TableColumn } from './table-transport.ts'

const object = (name: string, resourceVersion = '7') => ({ metadata: { name, resourceVersion } })
const table = (...names: string[]) => ({
  kind: 'Table',
  metadata: { resourceVersion: '9' },
  columnDefinitions: [{ name: 'Name', type: 'string', priority: 0 }],
  rows: names.map((name) => ({ cells: [name, `cell of ${name}`], object: object(name) })),
})

function aServer(answers: unknown[], events: RawWatchEvent[] = []) {
  const asked: ApiRequest[] = []
  const transport: Transport = {
    request(request) {
      asked.push(request)
      return Promise.resolve(answers.length > 1 ? answers.shift() : answers[0])
    },
    async *watch(request) {
      asked.push(request)
      yield* events
    },
  }
  return { transport, asked }
}
const get: ApiRequest = { method: 'GET', path: '/apis/example.com/v1/widgets', query: { limit: '500' } }

async function take(events: AsyncIterable<RawWatchEvent>, count: number): Promise<RawWatchEvent[]> {
  const taken: RawWatchEvent[] = []
  for await (const event of events) if (taken.push(event) === count) break
  return taken
}
const told = ({ type, object: one }: RawWatchEvent): string =>
  `${type} ${(one as { metadata: { name: string } }).metadata.name}`

describe('a transport of tables', () => {
  it('lists whole objects, and tells the columns and each object’s cells', async () => {
    const { transport, asked } = aServer([table('a', 'b')])
    let columns: readonly TableColumn[] = []
    const tables = withTables(transport, { onColumns: (found) => void (columns = found) })
    const list = (await tables.request(get)) as { metadata: object; items: ReturnType<typeof object>[] }
    expect(asked[0]?.query).toEqual({ limit: '500', includeObject: 'Object' })
    expect(list).toEqual({ metadata: { resourceVersion: '9' }, items: [object('a'), object('b')] })
    expect(list.items.map(cellsOf)).toEqual([
      ['a', 'cell of a'],
      ['b', 'cell of b'],
    ])
    expect(columns.map(({ name }) => name)).toEqual(['Name'])
  })

  it('passes on an answer that is no table', async () => {
    const { transport } = aServer([{ kind: 'WidgetList', items: [] }])
    expect(await withTables(transport, { onColumns: () => undefined }).request(get)).toEqual({
      kind: 'WidgetList',
      items: [],
    })
  })

  it('watches objects with their cells', async () => {
    const { transport } = aServer([], [{ type: 'ADDED', object: table('c') }])
    const [event] = await take(withTables(transport, { onColumns: () => undefined }).watch(get), 1)
    expect(event).toEqual({ type: 'ADDED', object: object('c') })
    expect(cellsOf(event!.object as ReturnType<typeof object>)).toEqual(['c', 'cell of c'])
  })

  it('reads a list again where there is no watch', async () => {
    const clock = new VirtualClock()
    const { transport, asked } = aServer([table('a', 'b'), table('b')])
    const tables = withTables(transport, { onColumns: () => undefined, poll: { clock, everyMs: 3000 } })
    const events = take(tables.watch({ ...get, query: { watch: 'true', resourceVersion: '3' } }), 4)
    await clock.advance(3000)
    expect((await events).map(told)).toEqual(['MODIFIED a', 'MODIFIED b', 'DELETED a', 'MODIFIED b'])
    expect(asked[0]?.query).toEqual({ includeObject: 'Object' })
  })
})

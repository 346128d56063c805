/** Lists and watches as tables: the objects with the cells that the server has made of them, for kinds of any sort. */
import type { ApiRequest, RawWatchEvent, Transport } from '../src-main/client/client.ts'
import type { Clock } from '../src-main/lib/clock.ts'

export type Cell = string | number | boolean | null

export interface TableColumn {
  readonly name: string
  readonly type: string
  /** Above 0: only shown when there is room for it. */
  readonly priority: number
}

interface TableObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion?: string }
}
interface Table {
  readonly kind: 'Table'
  readonly metadata?: object
  readonly columnDefinitions?: readonly TableColumn[] | null
  readonly rows?: readonly { readonly cells: readonly Cell[]; readonly object: TableObject }[]
}

export const tableAccept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

const cellsByMetadata = new WeakMap<object, readonly Cell[]>()

/** The cells that came with an object; none for one that did not come in a table. */
export const cellsOf = ({ metadata }: { readonly metadata: object }): readonly Cell[] =>
  cellsByMetadata.get(metadata) ?? []

export interface TableOptions {
  /** Absent where the server offers no watch: the list is read again instead, which needs a clock. */
  readonly poll?: { readonly clock: Clock; readonly everyMs: number }
  onColumns(columns: readonly TableColumn[]): void
}

/** A transport for one kind. `tables` must ask for tables (`tableAccept`). */
export function withTables(tables: Transport, options: TableOptions): Transport {
  const list = async (request: ApiRequest): Promise<unknown> => {
    const answer = await tables.request({ ...request, query: { ...request.query, includeObject: 'Object' } })
    if (!isTable(answer)) return answer
    if (Array.isArray(answer.columnDefinitions)) options.onColumns(answer.columnDefinitions)
    return { metadata: answer.metadata ?? {}, items: objectsOf(answer) }
  }
  return {
    request: (request) => (request.method === 'GET' ? list(request) : tables.request(request)),
    watch: (request) =>
      options.poll === undefined ? watchTable(tables, request) : pollList(list, request, options.poll),
  }
}

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'Table'

function objectsOf({ rows = [] }: Table): TableObject[] {
  return rows.map(({ cells, object }) => {
    cellsByMetadata.set(object.metadata, cells)
    return object
  })
}

async function* watchTable(tables: Transport, request: ApiRequest): AsyncGenerator<RawWatchEvent> {
  for await (const event of tables.watch({ ...request, query: { ...request.query, includeObject: 'Object' } })) {
    const [object] = isTable(event.object) ? objectsOf(event.object) : [event.object]
    if (object !== undefined) yield { type: event.type, object }
  }
}

/** What a watch would have told. Such objects have no version of their own: each reading counts as a new one. */
async function* pollList(
  list: (request: ApiRequest) => Promise<unknown>,
  request: ApiRequest,
  { clock, everyMs }: { readonly clock: Clock; readonly everyMs: number },
): AsyncGenerator<RawWatchEvent> {
  const { watch: _watch, resourceVersion: _version, allowWatchBookmarks: _bookmarks, ...query } = request.query ?? {}
  let known = new Map<string, TableObject>()
  for (let reading = 1; ; reading++) {
    const { items } = (await list({ ...request, query })) as { items: TableObject[] }
    const present = new Map(items.map((one) => [`${one.metadata.namespace ?? ''}/${one.metadata.name}`, one]))
    for (const [key, object] of known) if (!present.has(key)) yield { type: 'DELETED', object }
    for (const object of items) {
      const metadata = { ...object.metadata, resourceVersion: String(reading) }
      cellsByMetadata.set(metadata, cellsOf(object))
      yield { type: 'MODIFIED', object: { ...object, metadata } }
    }
    known = present
    await clock.sleep(everyMs, request.signal)
  }
}

import type { KeyIndex } from '../key-index.ts'
import type { Entry } from '../store.ts'
import type { LogTable } from './log-table.ts'

/** The next entries of a list; fewer than a page holds: it has ended. */
export type NextPage = () => Entry[]

/** Entries of the state as it is at this call, whatever is committed before they are read. */
export function currentPages(
  source: { readonly table: LogTable; readonly places: KeyIndex<number> },
  range: { readonly prefix: string; readonly after: string; readonly limit: number },
  pageSize: number,
): NextPage {
  const ids = source.places.range(range.prefix, range.after, range.limit).map((key) => source.places.get(key) ?? 0)
  let read = 0
  return () =>
    ids
      .slice(read, (read += pageSize))
      .map((id) => source.table.entryAt(id))
      .filter((entry) => entry !== undefined)
}

/** Entries of the state as of an old revision. */
export function oldPages(
  table: LogTable,
  range: { readonly prefix: string; readonly after: string; readonly revision: number },
  pageSize: number,
): NextPage {
  let last = range.after
  return () => {
    const page = table.listAsOf(range.prefix, last, range.revision, pageSize)
    last = page.at(-1)?.key ?? last
    return page
  }
}

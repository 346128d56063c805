/** The errors that every driver answers with. */
import { StoreError, type Entry } from './store.ts'

export const conflict = (key: string, current: Entry | undefined): StoreError =>
  new StoreError(
    'Conflict',
    current === undefined ? `${key} does not exist` : `${key} stands at revision ${current.modRevision}`,
    { conflict: { key, current } },
  )

export const futureRevision = (asked: number, newest: number): StoreError =>
  new StoreError('FutureRevision', `revision ${asked} has not happened yet: the newest is ${newest}`)

export const compacted = (asked: number, oldest: number): StoreError =>
  new StoreError('Compacted', `revision ${asked} is forgotten: the oldest that is kept is ${oldest}`)

export const closed = (): StoreError => new StoreError('Closed', 'the store is closed')

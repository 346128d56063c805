import { StoreError, type StoreErrorCode } from '../store.ts'

/** SQLite's primary result codes, as https://sqlite.org/rescode.html lists them. */
const meanings: Readonly<Record<number, { readonly code: StoreErrorCode; readonly text: string }>> = {
  5: { code: 'InUse', text: 'is open in another process, and only one may use it: stop that one first' },
  6: { code: 'InUse', text: 'is open in another process, and only one may use it: stop that one first' },
  7: { code: 'Unavailable', text: 'cannot be used, for memory has run out' },
  8: { code: 'Unavailable', text: 'cannot be written: check its permissions and those of its folder' },
  10: { code: 'Unavailable', text: 'cannot be read or written: check the disk for free space and errors' },
  11: {
    code: 'Corrupt',
    text: 'is damaged: restore a snapshot (npm run restore -- FILE), or move it and its -wal file away to start anew',
  },
  13: { code: 'Unavailable', text: 'cannot grow, for the disk is full: free some space' },
  14: { code: 'Unavailable', text: 'cannot be opened: check its folder and permissions' },
  26: {
    code: 'Corrupt',
    text: 'is damaged or is no store file: restore a snapshot (npm run restore -- FILE), or move it and its -wal file away to start anew',
  },
}

/** What SQLite threw, in the store's words. Anything else (a programming error) is passed through. */
export function storeErrorFrom(error: unknown, path: string): unknown {
  const extended = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  if (typeof extended !== 'number') return error
  const meaning = meanings[extended & 0xff]
  if (meaning === undefined) return error
  return new StoreError(meaning.code, `the store file ${path} ${meaning.text}`, { cause: error })
}

export function damaged(path: string, finding: string): StoreError {
  return new StoreError(
    'Corrupt',
    `the store file ${path} is damaged (${finding}): restore a snapshot (npm run restore -- FILE), or move it and its -wal file away to start anew`,
  )
}

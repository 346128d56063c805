import type { Cause, Entry, Operation, StoreEvent } from './store.ts'

export const operationLimit = 1024

/** Throws when no driver could make sense of the operations: a programming error. */
export function checkOperations(operations: readonly Operation[]): void {
  if (operations.length > operationLimit)
    throw new RangeError(`a commit of ${operations.length} operations: at most ${operationLimit} fit in one`)
  const keys = new Set(operations.map(({ key }) => key))
  if (keys.size < operations.length) throw new RangeError('a commit names one key twice')
}

/** The first operation whose expectation does not hold. `revisionOf` gives a key's modRevision, 0 when it is absent. */
export function failedExpectation(
  operations: readonly Operation[],
  revisionOf: (key: string) => number,
): Operation | undefined {
  return operations.find(({ key, expected }) => expected !== undefined && expected !== revisionOf(key))
}

/** What one operation brings about; undefined when it changes nothing. */
export function eventOf(
  operation: Operation,
  previous: Entry | undefined,
  revision: number,
  cause: Cause | undefined,
): StoreEvent | undefined {
  const { key } = operation
  const why = cause === undefined ? {} : { cause }
  if (operation.type === 'delete')
    return previous === undefined ? undefined : { type: 'delete', key, revision, entry: previous, ...why }
  const createRevision = previous?.createRevision ?? revision
  const entry = { key, value: operation.value, createRevision, modRevision: revision }
  return { type: 'put', key, revision, entry, ...(previous === undefined ? {} : { previous }), ...why }
}

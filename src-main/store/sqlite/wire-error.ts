/** Errors of the store as plain data, for the way between two threads. */
import { StoreError, type Entry, type StoreErrorCode } from '../store.ts'

export interface WireError {
  /** Absent: no error that the store's contract knows, but a fault of the program. */
  readonly code: StoreErrorCode | undefined
  readonly message: string
  readonly cause: string | undefined
  readonly conflict: { readonly key: string; readonly current: Entry | undefined } | undefined
}

export function wireErrorOf(error: unknown): WireError {
  if (!(error instanceof StoreError))
    return { code: undefined, message: textOf(error), cause: undefined, conflict: undefined }
  const { code, message, cause, conflict } = error
  return { code, message, cause: cause === undefined ? undefined : textOf(cause), conflict }
}

export function errorFromWire({ code, message, cause, conflict }: WireError): Error {
  if (code === undefined) return new Error(message)
  return new StoreError(code, message, {
    ...(cause === undefined ? {} : { cause: new Error(cause) }),
    ...(conflict === undefined ? {} : { conflict }),
  })
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

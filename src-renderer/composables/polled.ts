import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { describeError } from '../../src-main/lib/log.ts'
import { clock } from '../api.ts'

export type Polled<T> =
  | { readonly type: 'loading' }
  | { readonly type: 'read'; readonly value: T }
  /** `value` is the last that could be read. */
  | { readonly type: 'failed'; readonly reason: string; readonly value?: T | undefined }

export interface Poll<T> {
  readonly state: ShallowRef<Polled<T>>
  /** Reads now. */
  refresh(): Promise<void>
}

/** For what cannot be watched: reads it again and again for as long as the component lives and its page is in sight. */
export function usePoll<T>(read: (signal: AbortSignal) => Promise<T>, everyMs: number): Poll<T> {
  const state = shallowRef<Polled<T>>({ type: 'loading' })
  const abort = new AbortController()
  const refresh = async (): Promise<void> => {
    try {
      state.value = { type: 'read', value: await read(abort.signal) }
    } catch (error) {
      if (abort.signal.aborted) return
      const { value } = state.value as { value?: T }
      state.value = { type: 'failed', reason: describeError(error), value }
    }
  }
  const follow = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      if (!document.hidden) await refresh()
      await clock.sleep(everyMs, abort.signal).catch(() => undefined)
    }
  }
  void follow()
  onScopeDispose(() => abort.abort(new Error('nobody looks any more')))
  return { state, refresh }
}

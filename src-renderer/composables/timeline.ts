import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { isReason } from '../../src-main/api/errors.ts'
import { timeline as kind } from '../../src-main/api/kinds/glass/timeline.ts'
import type { Timeline } from '../../src-main/api/types/glass-v1.ts'
import { describeError } from '../../src-main/lib/log.ts'
import { client, clock } from '../api.ts'

export type TimelineState =
  | { readonly type: 'loading' | 'absent' }
  | { readonly type: 'read'; readonly timeline: Timeline }
  | { readonly type: 'failed'; readonly reason: string }

/** A pod's timeline, read again every second and a half while somebody looks: it cannot be watched. */
export function useTimeline(namespace: string, name: string): ShallowRef<TimelineState> {
  const state = shallowRef<TimelineState>({ type: 'loading' })
  const abort = new AbortController()
  const follow = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      state.value = await client.get(kind, { namespace, name }).then(
        (timeline) => ({ type: 'read' as const, timeline }),
        (error: unknown) =>
          isReason(error, 'NotFound')
            ? { type: 'absent' as const }
            : { type: 'failed' as const, reason: describeError(error) },
      )
      await clock.sleep(1500, abort.signal).catch(() => undefined)
    }
  }
  void follow()
  onScopeDispose(() => abort.abort())
  return state
}

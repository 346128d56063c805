import type { Kind } from '../../api/define-kind.ts'
import type { ServerParts } from '../operation.ts'

export interface Ending {
  readonly signal: AbortSignal
  dispose(): void
}

/**
 * Aborts when the client goes, or when the kind is served no more or in another way: a watch of a custom resource ends
 * with its definition, and the client begins anew with what is served then.
 */
export function untilReplaced({ kinds }: ServerParts, kind: Kind, client: AbortSignal): Ending {
  const ended = new AbortController()
  const changes = kinds.onChange(() => {
    if (kinds.find(kind.group, kind.version, kind.plural) !== kind) ended.abort()
  })
  const dispose = (): void => {
    void changes.dispose()
    client.removeEventListener('abort', stop)
  }
  const stop = (): void => {
    dispose()
    ended.abort()
  }
  client.addEventListener('abort', stop, { once: true })
  if (client.aborted) stop()
  return { signal: ended.signal, dispose }
}

import { errorFromStatus, serviceUnavailable } from '../src-main/api/errors.ts'
import type { Status } from '../src-main/api/types/meta-v1.ts'
import type { ApiRequest, RawWatchEvent, Transport } from '../src-main/client/client.ts'
import { SocketRefusedError, socketMessages } from './socket-stream.ts'

/** A transport whose watches are sockets; everything else, and the reason of a refused watch, goes by `plain`. */
export function withSocketWatches(plain: Transport): Transport {
  return { request: (request) => plain.request(request), watch: (request) => watch(plain, request) }
}

async function* watch(plain: Transport, request: ApiRequest): AsyncGenerator<RawWatchEvent> {
  const target = `${request.path}?${new URLSearchParams(request.query ?? {})}`
  try {
    for await (const message of socketMessages(target, request.signal)) {
      if (typeof message !== 'string') continue
      const event = JSON.parse(message) as RawWatchEvent | { readonly type: 'ERROR'; readonly object: Status }
      if (event.type === 'ERROR') throw errorFromStatus(event.object)
      yield event
    }
  } catch (error) {
    if (error instanceof SocketRefusedError) yield* plain.watch(request)
    else if (error instanceof Error && error.name === 'Error')
      throw Object.assign(serviceUnavailable(error.message), { cause: error })
    else throw error
  }
}

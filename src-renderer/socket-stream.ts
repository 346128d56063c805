/** What lasts, over WebSockets: a browser opens only six plain connections to one server, which lists would soon use up. */

/** The server never granted the socket; a plain request tells why. */
export class SocketRefusedError extends Error {
  override readonly name = 'SocketRefusedError'
  readonly code = 'SocketRefused'
}

type Ended = { readonly type: 'ended' } | { readonly type: 'refused' } | { readonly type: 'cut' }

export function socketUrl(target: string): URL {
  const url = new URL(target, window.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url
}

/**
 * The messages of a socket until the server ends it in order or the signal aborts. Throws SocketRefusedError when it was
 * never granted, and an Error when the connection broke.
 */
export async function* socketMessages(target: string, signal?: AbortSignal): AsyncGenerator<string | ArrayBuffer> {
  const socket = new WebSocket(socketUrl(target))
  socket.binaryType = 'arraybuffer'
  const waiting: (string | ArrayBuffer)[] = []
  let opened = false
  let ended: Ended | undefined
  let wake = Promise.withResolvers<undefined>()
  const notify = (): void => wake.resolve(undefined)
  // Browsers complain aloud of a socket that is closed while it opens.
  const close = (): void => {
    if (socket.readyState === WebSocket.CONNECTING)
      socket.addEventListener('open', () => socket.close(), { once: true })
    else socket.close()
    notify()
  }
  const throwIfAborted = (): void => signal?.throwIfAborted()
  socket.addEventListener('open', () => (opened = true))
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    waiting.push(data)
    notify()
  })
  socket.addEventListener('close', ({ code }) => {
    ended = { type: !opened ? 'refused' : code === 1000 ? 'ended' : 'cut' }
    notify()
  })
  signal?.addEventListener('abort', close)
  try {
    throwIfAborted()
    for (;;) {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield next
      throwIfAborted()
      if (ended?.type === 'ended') return
      if (ended?.type === 'refused') throw new SocketRefusedError(`the server did not open ${target}`)
      if (ended?.type === 'cut') throw new Error('the connection to the server broke off')
      await wake.promise
      wake = Promise.withResolvers<undefined>()
    }
  } finally {
    signal?.removeEventListener('abort', close)
    close()
  }
}

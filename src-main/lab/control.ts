/** How a command on this host asks the running app for something: a loopback port that only the lab's owner can use. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { Disposable } from '../lib/disposable.ts'
import { describeError } from '../lib/log.ts'

/** Kept in the run file, which its owner alone can read. */
export interface ControlAddress {
  readonly port: number
  readonly token: string
}

export interface ControlActions {
  /** Writes the store as it is into a new file; tells its revision. */
  snapshot(path: string): Promise<number>
}

export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly code = 'Refused'
}

const bodyLimit = 16_384

export async function listenControl(token: string, actions: ControlActions): Promise<Disposable & ControlAddress> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    // A browser's page can send no such header to a foreign origin without asking first, and is never allowed to.
    if (!equal(request.headers.authorization ?? '', `Bearer ${token}`)) return answer(401, { error: 'not allowed' })
    if (request.method !== 'POST' || request.url !== '/snapshot') return answer(404, { error: 'no such request' })
    pathIn(request)
      .then((path) => actions.snapshot(path))
      .then((revision) => answer(200, { revision }))
      .catch((error: unknown) => answer(500, { error: describeError(error) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    ...{ port, token },
    async dispose() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Asks the app at `address`; resolves with the snapshot's revision. Rejects with what the app says against it. */
export async function askForSnapshot({ port, token }: ControlAddress, path: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/snapshot`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ path }),
  })
  const { revision, error } = (await response.json()) as { readonly revision?: number; readonly error?: string }
  if (revision === undefined) throw new ControlError(error ?? `the running app answered ${response.status}`)
  return revision
}

async function pathIn(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) {
    body += String(chunk)
    if (body.length > bodyLimit) throw new ControlError('the request is too long')
  }
  const { path } = JSON.parse(body) as { readonly path?: unknown }
  if (typeof path !== 'string') throw new ControlError('the request names no file')
  return path
}

/** Digests first: comparing in constant time wants equal lengths. */
function equal(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}

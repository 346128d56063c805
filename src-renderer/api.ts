/** The only file that talks to the server: a client of the Kubernetes API, and the streams of a pod. */
import type { Kind } from '../src-main/api/define-kind.ts'
import type { Client } from '../src-main/client/client.ts'
import { createClient } from '../src-main/client/resource-client.ts'
import { createBrowserTransport } from '../src-main/client/transports/browser.ts'
import { createLog } from '../src-main/lib/log.ts'
import { systemClock } from '../src-main/lib/system-clock.ts'
import { systemRandom } from '../src-main/lib/random.ts'
import { SocketRefusedError, socketMessages, socketUrl } from './socket-stream.ts'
import { withSocketWatches } from './socket-transport.ts'
import { tableAccept, withTables, type TableColumn } from './table-transport.ts'

export const client = createClient(withSocketWatches(createBrowserTransport()))
export const clock = systemClock
export const random = systemRandom
export const log = createLog('ui', clock.now, ({ level, message, facts }) => {
  // eslint-disable-next-line no-console -- the browser's console is this log's only place
  if (level === 'warn' || level === 'error') console.warn(message, facts)
})

/** Sockets cannot ask for tables: these watches are streams of HTTP, of which a browser keeps only a few open. */
const tables = createBrowserTransport({
  fetch: (input, init) =>
    globalThis.fetch(input, {
      ...init,
      headers: { ...(init?.headers as Record<string, string>), accept: tableAccept },
    }),
})
const tableClients = new WeakMap<object, Client>()
const pollEveryMs = 3000

/** From now on, lists of this kind bring the server's cells along. `onColumns` hears what they mean. */
export function readAsTable(
  kind: Kind,
  watchable: boolean,
  onColumns: (columns: readonly TableColumn[]) => void,
): void {
  const poll = watchable ? {} : { poll: { clock, everyMs: pollEveryMs } }
  tableClients.set(kind, createClient(withTables(tables, { onColumns, ...poll })))
}

/** How a kind is listed and watched. */
export const readerOf = (kind: object): Client => tableClients.get(kind) ?? client

const podPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`

export interface LogOptions {
  readonly container: string
  readonly follow: boolean
  /** Of the container's instance before this one. */
  readonly previous?: boolean
  /** Absent: all that there is. */
  readonly tailLines?: number
}

/** The log of a container as text chunks; followed until the signal aborts when it shall be. */
export async function* readLog(
  pod: { readonly namespace: string; readonly name: string },
  { container, follow, previous = false, tailLines }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const query = new URLSearchParams({ container })
  if (follow) query.set('follow', 'true')
  if (previous) query.set('previous', 'true')
  if (tailLines !== undefined) query.set('tailLines', String(tailLines))
  const target = `${podPath(pod.namespace, pod.name)}/log?${query}`
  const decoder = new TextDecoder()
  try {
    for await (const message of socketMessages(target, signal))
      yield typeof message === 'string' ? message : decoder.decode(message, { stream: true })
  } catch (error) {
    if (!(error instanceof SocketRefusedError)) throw error
    yield* readPlainLog(target, signal)
  }
}

/** Where no socket is granted: its answer has the reason. */
async function* readPlainLog(target: string, signal: AbortSignal): AsyncGenerator<string> {
  const response = await fetch(target, { signal })
  if (!response.ok || response.body === null) throw new Error(await describeFailure(response))
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

async function describeFailure(response: Response): Promise<string> {
  const text = await response.text()
  try {
    const status = JSON.parse(text) as { message?: string }
    return status.message ?? text
  } catch {
    return text === '' ? `${response.status} ${response.statusText}` : text
  }
}

/** Channels of the `v5.channel.k8s.io` protocol. */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const

export interface Terminal {
  write(text: string): void
  resize(columns: number, rows: number): void
  close(): void
}

export interface TerminalEvents {
  open(): void
  output(bytes: Uint8Array): void
  /** How it ended: undefined when the command ended well. */
  closed(reason: string | undefined): void
}

/** A command with a terminal in a container. */
export function openTerminal(
  pod: { readonly namespace: string; readonly name: string },
  container: string,
  command: readonly string[],
  events: TerminalEvents,
): Terminal {
  const query = new URLSearchParams({ container, stdin: 'true', stdout: 'true', tty: 'true' })
  for (const word of command) query.append('command', word)
  const socket = new WebSocket(socketUrl(`${podPath(pod.namespace, pod.name)}/exec?${query}`), 'v5.channel.k8s.io')
  socket.binaryType = 'arraybuffer'
  let reason: string | undefined
  let opened = false
  socket.addEventListener('open', () => {
    opened = true
    events.open()
  })
  socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
    const bytes = new Uint8Array(data)
    const body = bytes.subarray(1)
    if (bytes[0] === channel.stdout || bytes[0] === channel.stderr) events.output(body)
    if (bytes[0] === channel.error) reason = failureOf(new TextDecoder().decode(body))
  })
  socket.addEventListener('close', ({ reason: closeReason }) => {
    events.closed(reason ?? (opened ? undefined : closeReason || 'the server refused the terminal'))
  })
  const encoder = new TextEncoder()
  const send = (to: number, text: string): void => {
    const body = encoder.encode(text)
    const frame = new Uint8Array(body.length + 1)
    frame[0] = to
    frame.set(body, 1)
    if (socket.readyState === WebSocket.OPEN) socket.send(frame)
  }
  return {
    write: (text) => send(channel.stdin, text),
    resize: (columns, rows) => send(channel.resize, JSON.stringify({ Width: columns, Height: rows })),
    close: () => socket.close(),
  }
}

function failureOf(text: string): string | undefined {
  const status = JSON.parse(text) as { status?: string; message?: string }
  return status.status === 'Success' ? undefined : (status.message ?? 'the command failed')
}

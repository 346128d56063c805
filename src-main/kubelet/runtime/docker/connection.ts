import { Agent, request, type ClientRequest, type ClientRequestArgs, type IncomingMessage } from 'node:http'
import { finished, type Duplex } from 'node:stream'
import type { Machine } from '../../../machines/machine.ts'
import { RuntimeError, type RuntimeErrorCode } from '../runtime.ts'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'HEAD'
  readonly path: string
  readonly query?: Query
  /** JSON, or the bytes of an archive. */
  readonly body?: object
  readonly signal?: AbortSignal
}

const socketPath = '/run/docker.sock'
const maximumSockets = 16
const socketMethods = ['setKeepAlive', 'setNoDelay', 'setTimeout', 'ref', 'unref'] as const

/** Node's HTTP client calls methods of a TCP socket that a forwarded stream lacks. */
function asSocket(stream: Duplex): Duplex {
  const missing = socketMethods.filter((name) => !(name in stream))
  return Object.assign(stream, Object.fromEntries(missing.map((name) => [name, () => stream])))
}

/** HTTP connections to a worker's Docker Engine, pooled. */
class MachineAgent extends Agent {
  private readonly machine: Machine

  constructor(machine: Machine) {
    super({ keepAlive: true, maxSockets: maximumSockets })
    this.machine = machine
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    openSocket(this.machine, callback)
  }
}

function openSocket(machine: Machine, callback?: (error: Error | null, stream: Duplex) => void): void {
  machine.openUnix(socketPath).then(
    (stream) => callback?.(null, asSocket(stream)),
    // Node's type asks for a stream also beside an error, and ignores it.
    (error: unknown) => callback?.(toError(error), undefined as unknown as Duplex),
  )
}

/** The Docker Engine's HTTP API on one worker. */
export class DockerConnection {
  private readonly machine: Machine
  private readonly agent: MachineAgent

  constructor(machine: Machine) {
    this.machine = machine
    this.agent = new MachineAgent(machine)
  }

  /** The answer's JSON; undefined when it has no body. The caller states its shape: the engine's API is its contract. */
  async json<T>(call: Call): Promise<T> {
    const response = await this.send(call, { agent: this.agent })
    const text = (await readAll(response)).toString('utf8')
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  /** An answer that goes on for long: it gets a connection of its own. */
  async stream(call: Call): Promise<IncomingMessage> {
    return this.send(call, this.ownConnection())
  }

  /** Takes the connection over after the answer: what follows are the raw bytes of a process. */
  async hijack(call: Call): Promise<Duplex> {
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
    const outgoing = this.open(call, {
      ...this.ownConnection(),
      headers: { Connection: 'Upgrade', Upgrade: 'tcp' },
    })
    outgoing.on('error', (error) => reject(unavailable(this.machine, error)))
    outgoing.on('response', (response) => {
      failureOf(call, response).then(reject, reject)
    })
    outgoing.on('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    return promise
  }

  dispose(): void {
    this.agent.destroy()
  }

  private ownConnection(): ClientRequestArgs {
    return {
      createConnection: (_options, callback) => {
        openSocket(this.machine, callback)
        return undefined
      },
    }
  }

  private async send(call: Call, how: ClientRequestArgs): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const outgoing = this.open(call, how)
    outgoing.on('response', resolve)
    outgoing.on('error', (error) => reject(call.signal?.aborted === true ? error : unavailable(this.machine, error)))
    const response = await promise
    if ((response.statusCode ?? 500) < 400) return response
    throw await failureOf(call, response)
  }

  private open(call: Call, how: ClientRequestArgs): ClientRequest {
    const { path, query = {}, method, body, signal } = call
    const search = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
    const target = search.size === 0 ? path : `${path}?${search}`
    const archive = body instanceof Uint8Array
    const bytes = body === undefined ? undefined : archive ? body : JSON.stringify(body)
    const outgoing = request({
      ...how,
      host: 'docker',
      method,
      path: target,
      ...(signal === undefined ? {} : { signal }),
      headers: {
        ...(how.headers as Record<string, string> | undefined),
        ...(bytes === undefined
          ? {}
          : {
              'Content-Type': archive ? 'application/x-tar' : 'application/json',
              'Content-Length': Buffer.byteLength(bytes),
            }),
      },
    })
    outgoing.end(bytes)
    return outgoing
  }
}

export async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

/** Resolves when a stream has ended in whatever way. */
export function ended(stream: Duplex | IncomingMessage): Promise<void> {
  return new Promise((resolve) => finished(stream, () => resolve()))
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function unavailable(machine: Machine, error: Error): RuntimeError {
  return new RuntimeError('Unavailable', `the Docker Engine of ${machine.name} cannot be reached`, error)
}

async function failureOf(call: Call, response: IncomingMessage): Promise<RuntimeError> {
  const text = (await readAll(response)).toString('utf8')
  return new RuntimeError(codeOf(call, response.statusCode ?? 500), messageOf(text))
}

function messageOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message)
  } catch {
    // Not JSON: the text is the message.
  }
  return text.trim()
}

function codeOf({ path }: Call, status: number): RuntimeErrorCode {
  if (status === 404) return path === '/containers/create' ? 'ImageNotFound' : 'NotFound'
  if (status === 409) return 'Conflict'
  return status === 400 ? 'Invalid' : 'Failed'
}

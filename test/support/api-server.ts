/** An API server on a memory store and a virtual clock, for tests. */
import { kinds } from '../../src-main/api/kinds/index.ts'
import { createClient } from '../../src-main/client/resource-client.ts'
import type { Client } from '../../src-main/client/client.ts'
import { silentProbe } from '../../src-main/glass/probe.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import { VirtualClock } from '../../src-main/lib/virtual-clock.ts'
import { MemoryStore } from '../../src-main/store/memory.ts'
import { createApiServer, type ApiServer, type ApiServerOptions } from '../../src-main/apiserver/apiserver.ts'
import type { Answer, ServerRequest, UserInfo } from '../../src-main/apiserver/request.ts'

export const admin: UserInfo = { name: 'admin', groups: ['system:masters'] }

export interface TestServer {
  readonly server: ApiServer
  readonly client: Client
  readonly clock: VirtualClock
  readonly store: MemoryStore
  readonly warnings: string[]
  /** A request as a frontend makes it; `body` becomes JSON bytes. */
  send(method: string, target: string, options?: SendOptions): Promise<Answer>
}

export interface SendOptions {
  readonly body?: unknown
  readonly contentType?: string
  readonly peer?: UserInfo | undefined
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
  readonly remoteAddress?: string
}

export async function startTestServer(options: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  const clock = new VirtualClock()
  const store = new MemoryStore()
  const server = await createApiServer({
    ...{ store, kinds, clock, random: seededRandom(1), log: silentLog, probe: silentProbe },
    nodeAgents: () => undefined,
    serviceCidr: '10.96.0.0/16',
    ...options,
  })
  const warnings: string[] = []
  return {
    ...{ server, clock, store, warnings },
    client: createClient(server.transport(admin)),
    send: (method, target, sent = {}) =>
      server.handler(requestOf(method, target, sent), { warn: (text) => void warnings.push(text) }),
  }
}

function requestOf(method: string, target: string, sent: SendOptions): ServerRequest {
  const { body, contentType = 'application/json', headers = {}, signal = new AbortController().signal } = sent
  const url = new URL(target, 'http://localhost')
  const bytes = typeof body === 'string' || body === undefined ? (body ?? '') : JSON.stringify(body)
  return {
    ...{ method, signal },
    path: url.pathname,
    query: url.searchParams,
    headers: { 'content-type': contentType, ...headers },
    body: body === undefined ? { type: 'none' } : { type: 'bytes', read: async () => new TextEncoder().encode(bytes) },
    peer: 'peer' in sent ? sent.peer : admin,
    remoteAddress: () => sent.remoteAddress,
  }
}

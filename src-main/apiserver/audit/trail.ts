/** What is written down of one request, stage by stage. */
import { isIP } from 'node:net'
import { StatusError } from '../../api/errors.ts'
import { microTimestamp, type Clock } from '../../lib/clock.ts'
import type { RequestInfo } from '../filters/request-info.ts'
import type { Answer, ServerRequest, UserInfo } from '../request.ts'
import type { AuditDecision, AuditStage } from './policy.ts'
import { shownObject } from './shown-object.ts'

/** An Event of audit.k8s.io/v1. */
export type AuditEvent = Readonly<Record<string, unknown>> & { readonly stage: AuditStage }
export type AuditSink = (event: AuditEvent) => void

/** What handlers may add; admission plugins annotate. */
export interface AuditNotes {
  /** The body of the request, as it was understood. */
  requestObject(object: unknown): void
}

export interface AuditSubject {
  readonly id: string
  readonly request: ServerRequest
  readonly info: RequestInfo
  readonly user: UserInfo
}

export class AuditTrail implements AuditNotes {
  private readonly subject: AuditSubject
  private readonly decision: AuditDecision
  private readonly clock: Clock
  private readonly sink: AuditSink
  private readonly received: string
  private readonly sources: { readonly sourceIPs?: readonly string[] }
  private readonly annotations: Record<string, string> = {}
  private impersonatedUser: UserInfo | undefined
  private body: unknown

  constructor(subject: AuditSubject, decision: AuditDecision, clock: Clock, sink: AuditSink) {
    this.subject = subject
    this.decision = decision
    this.clock = clock
    this.sink = sink
    this.received = microTimestamp(clock.now())
    this.sources = sourcesOf(subject.request)
  }

  begin(): this {
    this.write('RequestReceived', {})
    return this
  }

  /** All that is written of a request whose credentials are worth nothing. */
  unauthenticated(): void {
    const { headers, peerRefused } = this.subject.request
    const methods =
      peerRefused !== true ? ['bearer'] : headers.authorization === undefined ? ['x509'] : ['bearer', 'x509']
    const message = `Authentication failed, attempted: ${methods.join(', ')}`
    this.write('ResponseStarted', { responseStatus: { metadata: {}, message, code: 401 } })
  }

  /** A second value for a key is left out, as the first one is what somebody decided by. */
  annotate(key: string, value: string): void {
    this.annotations[key] ??= value
  }

  requestObject(object: unknown): void {
    if (this.wants('Request')) this.body = shownObject(object, this.decision.omitManagedFields)
  }

  actsAs(user: UserInfo): void {
    if (user !== this.subject.user) this.impersonatedUser = user
  }

  /** The answer as it goes on; what lasts is complete only when it has ended. */
  answered(answer: Answer): Answer {
    const code = 'code' in answer ? answer.code : answer.type === 'upgrade' ? 101 : 200
    const responseStatus = { metadata: {}, code }
    const complete = (): void => this.write('ResponseComplete', { responseStatus })
    switch (answer.type) {
      case 'watch':
        this.write('ResponseStarted', { responseStatus })
        return { ...answer, events: withEnd(answer.events, complete) }
      case 'stream':
      case 'relay':
        this.write('ResponseStarted', { responseStatus })
        answer.stream.once('close', complete)
        return answer
      case 'upgrade':
        this.write('ResponseStarted', { responseStatus })
        return {
          ...answer,
          start: (connection) => {
            connection.socket.once('close', complete)
            answer.start(connection)
          },
        }
      default:
        this.write('ResponseComplete', { responseStatus, ...this.responseObject(answer) })
        return answer
    }
  }

  failed(error: unknown): void {
    if (!(error instanceof StatusError)) {
      const message = error instanceof Error ? error.message : String(error)
      this.write('Panic', {
        responseStatus: { metadata: {}, status: 'Failure', reason: 'InternalError', message, code: 500 },
      })
      return
    }
    const { kind: _kind, apiVersion: _apiVersion, ...status } = error.toStatus()
    this.write('ResponseComplete', { responseStatus: status })
  }

  private wants(level: 'Request' | 'RequestResponse'): boolean {
    return this.decision.level === 'RequestResponse' || this.decision.level === level
  }

  private responseObject(answer: Answer): { responseObject?: unknown } {
    if (!this.wants('RequestResponse')) return {}
    const shown = (object: unknown): unknown => shownObject(object, this.decision.omitManagedFields)
    if (answer.type === 'object') return { responseObject: shown(answer.stored.object) }
    if (answer.type === 'plain') return { responseObject: shown(answer.object) }
    if (answer.type !== 'list') return {}
    const { kind, items, resourceVersion } = answer
    const list = { kind: `${kind.kind}List`, apiVersion: kind.apiVersion, metadata: { resourceVersion } }
    return { responseObject: { ...list, items: items.map(({ object }) => shown(object)) } }
  }

  private write(stage: AuditStage, more: object): void {
    if (this.decision.omitStages.has(stage)) return
    const { id, request, info, user } = this.subject
    const received = stage === 'RequestReceived'
    this.sink({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: this.decision.level,
      auditID: id,
      stage,
      requestURI: uriOf(request),
      verb: info.verb,
      user: shownUser(user),
      ...(this.impersonatedUser === undefined ? {} : { impersonatedUser: shownUser(this.impersonatedUser) }),
      ...this.sources,
      ...(request.headers['user-agent'] === undefined ? {} : { userAgent: request.headers['user-agent'] }),
      ...objectRefOf(info),
      ...more,
      ...(received || this.body === undefined ? {} : { requestObject: this.body }),
      requestReceivedTimestamp: this.received,
      stageTimestamp: microTimestamp(this.clock.now()),
      ...(received || Object.keys(this.annotations).length === 0 ? {} : { annotations: { ...this.annotations } }),
    })
  }
}

/** Who has no name is nobody that we know. */
const shownUser = ({ name, uid, groups, extra }: UserInfo): object => ({
  ...(name === '' ? {} : { username: name }),
  ...(uid === undefined ? {} : { uid }),
  ...(groups.length === 0 ? {} : { groups }),
  ...(extra === undefined ? {} : { extra }),
})

/** The client and the proxies on its way, as far as they say so, and last the other end of the connection. */
function sourcesOf({ headers, remoteAddress }: ServerRequest): { sourceIPs?: readonly string[] } {
  const told = [...(headers['x-forwarded-for'] ?? '').split(','), headers['x-real-ip'] ?? '']
  const known = [...told, remoteAddress?.() ?? ''].map((one) => one.trim().replace(/^::ffff:(?=\d+\.)/, ''))
  const addresses = new Set(known.filter((one) => isIP(one) !== 0))
  return addresses.size === 0 ? {} : { sourceIPs: [...addresses] }
}

const secretParameters = ['token', 'access_token']

/** Nothing that opens a door is written down, wherever a client has put it. */
function uriOf({ path, query }: ServerRequest): string {
  const shown = new URLSearchParams(query)
  for (const name of secretParameters) if (shown.has(name)) shown.set(name, 'REDACTED')
  return shown.size === 0 ? path : `${path}?${shown.toString()}`
}

function objectRefOf(info: RequestInfo): { objectRef?: object } {
  if (info.type === 'path') return {}
  const { group, version, plural, namespace, name, subresource } = info.target
  const fields = { resource: plural, namespace, name, apiGroup: group, apiVersion: version, subresource }
  return { objectRef: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')) }
}

async function* withEnd<T>(events: AsyncIterable<T>, ended: () => void): AsyncGenerator<T> {
  try {
    yield* events
  } finally {
    ended()
  }
}

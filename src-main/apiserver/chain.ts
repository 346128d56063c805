/** The whole path of a request, top to bottom. */
import { methodNotAllowed, serviceUnavailable } from '../api/errors.ts'
import type { Aggregator } from './aggregation/aggregator.ts'
import { auditDecision, type AuditPolicy } from './audit/policy.ts'
import { AuditTrail, type AuditSink, type AuditSubject } from './audit/trail.ts'
import { deprecationOfKind } from './deprecations.ts'
import { authenticate, type Authentication } from './filters/authentication.ts'
import { authorize, refusal } from './filters/authorization.ts'
import { impersonated } from './filters/impersonation.ts'
import { requestInfo, type RequestInfo } from './filters/request-info.ts'
import { FairnessRefusal, type PriorityAndFairness, type Turn } from './flowcontrol/priority-and-fairness.ts'
import { handleResource } from './handlers/resource.ts'
import type { NonResourceHandler } from './handlers/nonresource.ts'
import type { Operation, ServerParts } from './operation.ts'
import { isOfOwnVersion, nothingAt } from './page-not-found.ts'
import type { LeadingServers } from './peers/leading-server.ts'
import { factsOf } from './registry/commit.ts'
import type { Answer, AnswerContext, Handler, ServerRequest, UserInfo } from './request.ts'

export interface AuditOptions {
  readonly policy: AuditPolicy
  readonly sink: AuditSink
}

export interface ChainOptions {
  readonly parts: ServerParts
  readonly nonResource: NonResourceHandler
  /** Absent: nothing is written down. */
  readonly audit: AuditOptions | undefined
  readonly fairness: PriorityAndFairness
  /** Absent: all groups are this server's own. */
  readonly aggregator?: Aggregator
  /** Absent: this server is the only one. */
  readonly leaders?: LeadingServers
}

/** Whose credentials are worth nothing. */
const nobody: UserInfo = { name: '', groups: [] }

export function createChain(options: ChainOptions): Handler {
  const { parts } = options
  return async (request, context) => {
    const info = requestInfo(request)
    const id = request.headers['audit-id'] ?? (context.header === undefined ? '' : parts.random.uuid())
    context.header?.('audit-id', id)
    let identity: Authentication
    try {
      identity = await authenticate(request, parts.tokens)
    } catch (error) {
      trailOf(options, { id, request, info, user: nobody })?.unauthenticated()
      throw error
    }
    const { user: asking, stale } = identity
    const trail = trailOf(options, { id, request, info, user: asking })?.begin()
    if (stale !== undefined) trail?.annotate('authentication.k8s.io/stale-token', stale)
    try {
      const answer = await answerAs(options, request, info, asking, context, trail)
      return trail?.answered(answer) ?? answer
    } catch (error) {
      trail?.failed(error)
      throw error
    }
  }
}

function trailOf({ audit, parts }: ChainOptions, subject: AuditSubject): AuditTrail | undefined {
  if (audit === undefined) return undefined
  const decision = auditDecision(audit.policy, subject.user, subject.info)
  if (decision.level === 'None') return undefined
  const id = subject.id === '' ? parts.random.uuid() : subject.id
  return new AuditTrail({ ...subject, id }, decision, parts.clock, audit.sink)
}

/** Who it is to be, whether there is room, whether it is allowed; then the answer. */
async function answerAs(
  options: ChainOptions,
  request: ServerRequest,
  info: RequestInfo,
  asking: UserInfo,
  context: AnswerContext,
  trail: AuditTrail | undefined,
): Promise<Answer> {
  const { parts, fairness } = options
  const user = impersonated(asking, request, parts.authorizer)
  trail?.actsAs(user)
  const taken = takeTurn(fairness, user, info, request, context)
  const turn = taken instanceof Promise ? await taken : taken
  try {
    allow(user, info, parts, trail)
    const elsewhere = options.aggregator?.answer(request, user)
    if (elsewhere !== undefined) return await elsewhere
    if (info.type === 'path') return await answerPath(options, request)
    const leader = options.leaders?.answer(request, info.target, user)
    if (leader !== undefined) return await leader
    return await answerResource(parts, request, info, user, context, trail)
  } finally {
    // What lasts has taken what it costs by now: a watch has begun, a stream is open.
    turn.release()
  }
}

function takeTurn(
  fairness: PriorityAndFairness,
  user: UserInfo,
  info: RequestInfo,
  request: ServerRequest,
  context: AnswerContext,
): Turn | Promise<Turn> {
  const tell = ({ schemaUid, levelUid }: Omit<Turn, 'release'>): void => {
    if (schemaUid !== '') context.header?.('x-kubernetes-pf-flowschema-uid', schemaUid)
    if (levelUid !== '') context.header?.('x-kubernetes-pf-prioritylevel-uid', levelUid)
  }
  const granted = (turn: Turn): Turn => {
    tell(turn)
    return turn
  }
  const refused = (error: unknown): never => {
    if (!(error instanceof FairnessRefusal)) throw error
    tell(error.uids)
    throw error.status
  }
  try {
    const taken = fairness.take(user, info, request.signal)
    return taken instanceof Promise ? taken.then(granted, refused) : granted(taken)
  } catch (error) {
    return refused(error)
  }
}

function allow(user: UserInfo, info: RequestInfo, { authorizer }: ServerParts, trail: AuditTrail | undefined): void {
  const { allowed, reason } = authorizer.decide(user, info)
  trail?.annotate('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid')
  trail?.annotate('authorization.k8s.io/reason', reason)
  if (!allowed) throw refusal(user, info, reason)
  if (isPodSession(info)) authorize(user, { ...info, verb: 'create' }, authorizer)
}

const podSessions = new Set(['exec', 'attach', 'portforward'])

/** A GET that upgrades runs a program as well as a POST does: whoever may only read may not. */
function isPodSession(info: RequestInfo): info is Extract<RequestInfo, { type: 'resource' }> {
  if (info.type === 'path' || info.verb !== 'get') return false
  return info.target.group === '' && info.target.plural === 'pods' && podSessions.has(info.target.subresource)
}

async function answerPath({ nonResource, parts }: ChainOptions, request: ServerRequest): Promise<Answer> {
  const answer = await nonResource(request)
  if (answer !== undefined) return answer
  const known = request.method !== 'GET' && isOfOwnVersion(parts.kinds, request.path)
  throw known ? methodNotAllowed() : nothingAt(parts.kinds, request.path)
}

/** Limits, decoding, defaults, admission, validation and the store are the handler's: what comes when depends on the verb. */
async function answerResource(
  parts: ServerParts,
  request: ServerRequest,
  { target, verb }: Extract<RequestInfo, { type: 'resource' }>,
  user: UserInfo,
  context: AnswerContext,
  audit: AuditTrail | undefined,
): Promise<Answer> {
  // What is read now could be old, and nobody would know.
  if (parts.cache.failed !== undefined) throw serviceUnavailable('the store can no longer be followed')
  const kind = parts.kinds.find(target.group, target.version, target.plural)
  if (kind === undefined) throw nothingAt(parts.kinds, request.path)
  const deprecation = deprecationOfKind(kind)
  if (deprecation !== undefined) context.warn(deprecation)
  const operation: Operation = {
    ...{ request, user, kind, verb, target },
    warn: (text) => context.warn(text),
    ...(audit === undefined ? {} : { audit, annotate: (key: string, value: string) => audit.annotate(key, value) }),
  }
  // Another server may have acknowledged a write that is not here yet. Whoever asks for any state gets what is here.
  if (parts.store.fresh !== undefined && verb !== 'watch' && request.query.get('resourceVersion') !== '0')
    await parts.store.fresh()
  if (verb === 'get' || verb === 'list' || verb === 'watch') return handleResource(parts, operation)
  return parts.probe.span('apiserver.request', factsOf(operation), async (addFacts) => {
    const answer = await handleResource(parts, operation)
    if (answer.type === 'object') addFacts(factsOfResult(answer))
    return answer
  })
}

/** What only the result tells: a generated name, the uid. */
function factsOfResult({
  stored,
  code,
}: Extract<Answer, { type: 'object' }>): Record<string, string | number | undefined> {
  const { name, uid } = stored.object.metadata ?? {}
  return { 'k8s.object.name': name, 'k8s.object.uid': uid, code }
}

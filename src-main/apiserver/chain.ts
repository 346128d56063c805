/** The whole path of a request, top to bottom. */
import { pathNotFound, serviceUnavailable, StatusError } from '../api/errors.ts'
import type { AuditSink } from './filters/audit.ts'
import { authenticate } from './filters/authentication.ts'
import { authorize } from './filters/authorization.ts'
import { impersonated } from './filters/impersonation.ts'
import { requestInfo, type RequestInfo } from './filters/request-info.ts'
import { handleResource } from './handlers/resource.ts'
import type { NonResourceHandler } from './handlers/nonresource.ts'
import type { Operation, ServerParts } from './operation.ts'
import { factsOf } from './registry/commit.ts'
import type { Answer, AnswerContext, Handler, ServerRequest, UserInfo } from './request.ts'

export interface ChainOptions {
  readonly parts: ServerParts
  readonly nonResource: NonResourceHandler
  readonly audit: AuditSink | undefined
}

export function createChain(options: ChainOptions): Handler {
  return async (request, context) => {
    const info = requestInfo(request)
    const { user: asking } = await authenticate(request, options.parts.tokens)
    return audited(options, request, info, asking, async (annotate) => {
      const user = impersonated(asking, request.headers, options.parts.authorizer)
      authorize(user, info, options.parts.authorizer)
      if (isPodSession(info)) authorize(user, { ...info, verb: 'create' }, options.parts.authorizer)
      if (info.type === 'path') return answerPath(options, request)
      return answerResource(options.parts, request, info, user, context, annotate)
    })
  }
}

const podSessions = new Set(['exec', 'attach', 'portforward'])

/** A GET that upgrades runs a program as well as a POST does: whoever may only read may not. */
function isPodSession(info: RequestInfo): info is Extract<RequestInfo, { type: 'resource' }> {
  if (info.type === 'path' || info.verb !== 'get') return false
  return info.target.group === '' && info.target.plural === 'pods' && podSessions.has(info.target.subresource)
}

function answerPath({ nonResource }: ChainOptions, request: ServerRequest): Answer {
  const answer = nonResource(request)
  if (answer === undefined) throw pathNotFound()
  return answer
}

/** Limits, decoding, defaults, admission, validation and the store are the handler's: what comes when depends on the verb. */
async function answerResource(
  parts: ServerParts,
  request: ServerRequest,
  { target, verb }: Extract<RequestInfo, { type: 'resource' }>,
  user: UserInfo,
  context: AnswerContext,
  annotate: Annotate | undefined,
): Promise<Answer> {
  // What is read now could be old, and nobody would know.
  if (parts.cache.failed !== undefined) throw serviceUnavailable('the store can no longer be followed')
  const kind = parts.kinds.find(target.group, target.version, target.plural)
  if (kind === undefined) throw pathNotFound()
  if (kind.custom?.deprecation !== undefined) context.warn(kind.custom.deprecation)
  const operation: Operation = { request, user, kind, verb, target, warn: (text) => context.warn(text), annotate }
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

type Annotate = NonNullable<Operation['annotate']>

async function audited(
  { audit, parts }: ChainOptions,
  request: ServerRequest,
  info: RequestInfo,
  user: UserInfo,
  answer: (annotate: Annotate | undefined) => Promise<Answer>,
): Promise<Answer> {
  if (audit === undefined) return answer(undefined)
  const annotations: Record<string, string> = {}
  const started = parts.clock.monotonic()
  const record = (code: number): void =>
    audit({
      timeMs: parts.clock.now(),
      durationMs: parts.clock.monotonic() - started,
      user: user.name,
      verb: info.verb,
      path: request.path,
      code,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    })
  try {
    const result = await answer((key, value) => {
      annotations[key] = value
    })
    record('code' in result ? result.code : result.type === 'upgrade' ? 101 : 200)
    return result
  } catch (error) {
    record(error instanceof StatusError ? error.code : 500)
    throw error
  }
}

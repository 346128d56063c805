/** `serviceaccounts/token`: a token for an account, for a while, maybe only as long as a pod lives. */
import {
  badRequest,
  conflict,
  forbiddenRequest,
  invalidObject,
  methodNotAllowed,
  notFound,
  pathNotFound,
} from '../../api/errors.ts'
import { invalid } from '../../api/field-error.ts'
import type { TokenRequest } from '../../api/types/authentication-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import { nodeOfUser } from '../admission/node-restriction.ts'
import { asObject, readBody } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import type { Answer } from '../request.ts'
import { accountOf, tokenIssuer, type Binding } from '../tokens/service-account-tokens.ts'
import { storedObject } from './get.ts'

const defaultSeconds = 3600
const shortestSeconds = 600
const longestSeconds = 2 ** 32

export async function handleTokenRequest(parts: ServerParts, operation: Operation): Promise<Answer> {
  if (parts.accountTokens === undefined) throw pathNotFound()
  if (operation.verb !== 'create') throw methodNotAllowed()
  const { metadata } = storedObject(parts, operation).object
  const { name, namespace } = operation.target
  const { spec = {} } = asObject((await readBody(operation)).data) as TokenRequest
  const { audiences = [], expirationSeconds = defaultSeconds } = spec
  if (expirationSeconds < shortestSeconds || expirationSeconds > longestSeconds) {
    const detail = 'may not specify a duration less than 10 minutes or more than 2^32 seconds'
    const problem = invalid('spec.expirationSeconds', expirationSeconds, detail)
    throw invalidObject({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, name, [problem])
  }
  const account = { name, uid: metadata?.uid ?? '' }
  const binding: Binding = { namespace, account, ...podBinding(parts, operation, spec.boundObjectRef) }
  const token = parts.accountTokens.issue(binding, audiences, expirationSeconds)
  const object: TokenRequest = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(parts.clock.now()) },
    spec: { ...spec, audiences: audiences.length === 0 ? [tokenIssuer] : audiences, expirationSeconds },
    status: { token, expirationTimestamp: timestamp(parts.clock.now() + expirationSeconds * 1000) },
  }
  return { type: 'plain', code: 201, object }
}

type BoundObject = NonNullable<NonNullable<TokenRequest['spec']>['boundObjectRef']>

/** A node gets tokens only for pods that run on it. */
function podBinding(
  { cache }: ServerParts,
  { kind, target, user }: Operation,
  bound: BoundObject | undefined,
): Pick<Binding, 'pod' | 'node'> {
  const node = nodeOfUser(user)
  if (bound === undefined) {
    if (node !== undefined) throw forbiddenRequest(kind, target.name, 'a node may only ask for tokens of its pods')
    return {}
  }
  if (bound.kind !== 'Pod') throw badRequest(`a token cannot be bound to a ${bound.kind ?? 'thing without a kind'}`)
  const name = bound.name ?? ''
  const pods = { group: '', plural: 'pods' }
  const stored = cache.resource('core/pods').get(`${target.namespace}/${name}`)
  if (stored === undefined) throw notFound(pods, name)
  const pod = stored.object as Pod
  const uid = pod.metadata?.uid ?? ''
  if (bound.uid !== undefined && bound.uid !== uid)
    throw conflict(pods, name, `the UID in the bound object reference (${bound.uid}) does not match the UID in record`)
  if (accountOf(pod) !== target.name) throw badRequest(`pod ${name} does not run as service account ${target.name}`)
  const nodeName = pod.spec?.nodeName ?? ''
  if (node !== undefined && node !== nodeName)
    throw forbiddenRequest(kind, target.name, `pod ${name} does not run on node ${node}`)
  const nodeUid = cache.resource('core/nodes').get(nodeName)?.object.metadata?.uid
  return { pod: { name, uid }, ...(nodeUid === undefined ? {} : { node: { name: nodeName, uid: nodeUid } }) }
}

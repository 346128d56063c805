/** `serviceaccounts/token`: a token for an account, for a while, maybe only as long as a pod, secret or node is there. */
import { badRequest, conflict, invalidObject, methodNotAllowed, notFound, pathNotFound } from '../../api/errors.ts'
import { invalid } from '../../api/field-error.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { TokenRequest } from '../../api/types/authentication-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import { refuseNodeToken } from '../admission/node-tokens.ts'
import { asObject, readBody } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { admitCreation } from '../registry/admit.ts'
import type { Answer } from '../request.ts'
import { tokenIssuer, type Binding } from '../tokens/binding.ts'
import { accountOf } from '../tokens/service-account-tokens.ts'
import { storedObject } from './get.ts'
import { writeOptionsOf } from './write-options.ts'

const defaultSeconds = 3600
const shortestSeconds = 600
const longestSeconds = 2 ** 32

const tokenRequestKind = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }

export async function handleTokenRequest(parts: ServerParts, operation: Operation): Promise<Answer> {
  if (parts.accountTokens === undefined) throw pathNotFound()
  if (operation.verb !== 'create') throw methodNotAllowed()
  const { metadata } = storedObject(parts, operation).object
  const { name, namespace } = operation.target
  const given = asObject((await readBody(operation)).data)
  const body = { ...given, kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1' } as DynamicObject &
    TokenRequest
  checkNames(body, name, namespace)
  const isDry = writeOptionsOf(operation).dryRun
  await admitCreation(parts, operation, body, { dryRun: isDry, objectKind: tokenRequestKind })
  const { spec = {} } = body
  const { audiences = [], expirationSeconds = defaultSeconds } = spec
  checkSeconds(expirationSeconds, name)
  refuseNodeToken(parts, operation, spec)
  const account = { name, uid: metadata?.uid ?? '' }
  const binding: Binding = { namespace, account, ...boundTo(parts, operation, spec.boundObjectRef) }
  const token = isDry ? '' : parts.accountTokens.issue(binding, audiences, expirationSeconds)
  const object: TokenRequest = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(parts.clock.now()) },
    spec: { ...spec, audiences: audiences.length === 0 ? [tokenIssuer] : audiences, expirationSeconds },
    status: { token, expirationTimestamp: timestamp(parts.clock.now() + expirationSeconds * 1000) },
  }
  return { type: 'plain', code: 201, object }
}

function checkNames({ metadata }: TokenRequest, name: string, namespace: string): void {
  const { name: ownName = '', namespace: ownNamespace = '' } = metadata ?? {}
  if (ownName !== '' && ownName !== name)
    throw badRequest(`the name in the body (${ownName}) does not match the name on the URL (${name})`)
  if (ownNamespace !== '' && ownNamespace !== namespace)
    throw badRequest(
      `the namespace in the body (${ownNamespace}) does not match the namespace on the URL (${namespace})`,
    )
}

function checkSeconds(seconds: number, name: string): void {
  const detail =
    seconds < shortestSeconds
      ? 'may not specify a duration less than 10 minutes'
      : seconds > longestSeconds
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined
  if (detail === undefined) return
  const kind = { group: 'authentication.k8s.io', kind: 'TokenRequest' }
  throw invalidObject(kind, name, [invalid('spec.expirationSeconds', seconds, detail)])
}

type BoundObject = NonNullable<NonNullable<TokenRequest['spec']>['boundObjectRef']>

function boundTo(
  parts: ServerParts,
  { target }: Operation,
  bound: BoundObject | undefined,
): Pick<Binding, 'pod' | 'secret' | 'node'> {
  if (bound === undefined) return {}
  const { kind = '', apiVersion = '', name = '' } = bound
  const found = (plural: string, key: string): DynamicObject => boundObject(parts, bound, plural, key)
  const named = ({ metadata }: DynamicObject): { name: string; uid: string } => ({ name, uid: metadata?.uid ?? '' })
  const isCore = apiVersion === 'v1' || apiVersion === ''
  switch (isCore ? kind : '') {
    case 'Pod': {
      const pod = found('pods', `${target.namespace}/${name}`)
      if (accountOf(pod as Pod) !== target.name)
        throw badRequest(
          `cannot bind token for serviceaccount ${JSON.stringify(target.name)} to pod running with different serviceaccount name.`,
        )
      return { pod: named(pod), ...nodeOfPod(parts, pod as Pod) }
    }
    case 'Secret':
      return { secret: named(found('secrets', `${target.namespace}/${name}`)) }
    case 'Node':
      return { node: named(found('nodes', name)) }
    default:
      throw badRequest(`cannot bind token to object of type ${apiVersion}, Kind=${kind}`)
  }
}

function boundObject(
  { cache }: ServerParts,
  { uid, name = '' }: BoundObject,
  plural: string,
  key: string,
): DynamicObject {
  const resource = { group: '', plural }
  const stored = cache.resource(`core/${plural}`).get(key)
  if (stored === undefined) throw notFound(resource, name)
  const own = stored.object.metadata?.uid ?? ''
  if (uid !== undefined && uid !== '' && uid !== own)
    throw conflict(
      resource,
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  return stored.object
}

function nodeOfPod({ cache }: ServerParts, { spec }: Pod): Pick<Binding, 'node'> {
  const name = spec?.nodeName ?? ''
  const uid = name === '' ? undefined : cache.resource('core/nodes').get(name)?.object.metadata?.uid
  return uid === undefined ? {} : { node: { name, uid } }
}

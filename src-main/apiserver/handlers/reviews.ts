/** Reviews: questions that are asked as if an object were created, answered at once and never stored. */
import { badRequest, methodNotAllowed } from '../../api/errors.ts'
import type { SelfSubjectReview, TokenReview } from '../../api/types/authentication-v1.ts'
import type { SelfSubjectRulesReview, SubjectAccessReview } from '../../api/types/authorization-v1.ts'
import { authenticated, type TokenAuthenticator } from '../filters/authentication.ts'
import { isAllowed, rulesFor, type AccessRequest } from '../filters/authorization.ts'
import { readObject } from '../filters/decode.ts'
import type { RoleSource } from '../filters/role-rights.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { resourceKey } from '../registry/keys.ts'
import type { Answer, UserInfo } from '../request.ts'
import { writeOptionsOf } from './write-options.ts'

type Review = (parts: ServerParts, operation: Operation, body: object) => Promise<object> | object

const reviews: ReadonlyMap<string, Review> = new Map<string, Review>([
  ['authorization.k8s.io/selfsubjectaccessreviews', ({ cache }, { user }, body) => reviewAccess(cache, user, body)],
  [
    'authorization.k8s.io/subjectaccessreviews',
    ({ cache }, _operation, body) => reviewAccess(cache, subjectOf(body), body),
  ],
  [
    'authorization.k8s.io/localsubjectaccessreviews',
    ({ cache }, { target }, body) => reviewLocalAccess(cache, target.namespace, body),
  ],
  ['authorization.k8s.io/selfsubjectrulesreviews', ({ cache }, { user }, body) => reviewRules(cache, user, body)],
  ['authentication.k8s.io/selfsubjectreviews', (_parts, { user }, body) => reviewSelf(user, body)],
  ['authentication.k8s.io/tokenreviews', ({ tokens }, _operation, body) => reviewToken(tokens, body)],
])

export const isReview = (operation: Operation): boolean => reviews.has(resourceKey(operation.kind))

export async function handleReview(parts: ServerParts, operation: Operation): Promise<Answer> {
  const review = reviews.get(resourceKey(operation.kind))
  if (review === undefined || operation.verb !== 'create') throw methodNotAllowed()
  const { validation } = writeOptionsOf(operation.request.query)
  const body = await readObject(operation, operation.kind, validation)
  return { type: 'plain', code: 201, object: await review(parts, operation, body) }
}

function reviewAccess(roles: RoleSource, user: UserInfo, body: object): SubjectAccessReview {
  const review = body as SubjectAccessReview
  const { resourceAttributes: resource, nonResourceAttributes: path } = review.spec
  if ((resource === undefined) === (path === undefined))
    throw badRequest('spec: exactly one of nonResourceAttributes and resourceAttributes must be set')
  const access: AccessRequest =
    resource === undefined
      ? { type: 'path', verb: path?.verb ?? '', path: path?.path ?? '' }
      : {
          type: 'resource',
          verb: resource.verb ?? '',
          target: {
            group: resource.group ?? '',
            version: resource.version ?? '',
            plural: resource.resource ?? '',
            namespace: resource.namespace ?? '',
            name: resource.name ?? '',
            subresource: resource.subresource ?? '',
            rest: [],
          },
        }
  return { ...review, status: { allowed: isAllowed(user, access, roles) } }
}

function reviewLocalAccess(roles: RoleSource, namespace: string, body: object): SubjectAccessReview {
  const asked = (body as SubjectAccessReview).spec.resourceAttributes?.namespace ?? ''
  if (asked !== namespace) throw badRequest(`spec.resourceAttributes.namespace must be ${JSON.stringify(namespace)}`)
  return reviewAccess(roles, subjectOf(body), body)
}

function subjectOf(body: object): UserInfo {
  const { user = '', groups = [] } = (body as SubjectAccessReview).spec
  if (user === '' && groups.length === 0) throw badRequest('spec.user: at least one of user or group must be specified')
  return { name: user, groups }
}

function reviewRules(roles: RoleSource, user: UserInfo, body: object): SelfSubjectRulesReview {
  const review = body as SelfSubjectRulesReview
  const namespace = review.spec.namespace ?? ''
  if (namespace === '') throw badRequest('no namespace on request')
  const rules = rulesFor(user, namespace, roles)
  return {
    ...review,
    status: {
      incomplete: false,
      nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs }) =>
        nonResourceURLs === undefined ? [] : [{ verbs, nonResourceURLs }],
      ),
      resourceRules: rules.filter(({ resources }) => resources !== undefined),
    },
  }
}

function reviewSelf(user: UserInfo, body: object): SelfSubjectReview {
  return { ...body, status: { userInfo: shown(user) } }
}

async function reviewToken(tokens: TokenAuthenticator | undefined, body: object): Promise<TokenReview> {
  const { spec, ...review } = body as TokenReview
  const user = spec.token === undefined ? undefined : await tokens?.(spec.token)
  const status =
    user === undefined
      ? { authenticated: false, error: 'the token is worth nothing' }
      : { authenticated: true, user: shown(authenticated(user)) }
  // The token itself is not sent back.
  return { ...review, spec: { ...spec, token: '' }, status }
}

function shown({ name, uid, groups, extra }: UserInfo): NonNullable<NonNullable<TokenReview['status']>['user']> {
  return {
    username: name,
    groups: [...groups],
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined
      ? {}
      : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
  }
}

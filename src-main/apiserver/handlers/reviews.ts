/** Reviews: questions that are asked as if an object were created, answered at once and never stored. */
import { badRequest, methodNotAllowed } from '../../api/errors.ts'
import type { SelfSubjectReview, TokenReview } from '../../api/types/authentication-v1.ts'
import type { SelfSubjectRulesReview } from '../../api/types/authorization-v1.ts'
import { authenticated, type TokenReviewer } from '../filters/authentication.ts'
import { readObject } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { admitCreation } from '../registry/admit.ts'
import { resourceKey } from '../registry/keys.ts'
import type { Answer, UserInfo } from '../request.ts'
import { reviewAccess, reviewLocalAccess, reviewOwnAccess } from './access-reviews.ts'
import { writeOptionsOf } from './write-options.ts'

type Review = (parts: ServerParts, operation: Operation, body: object) => Promise<object> | object

const reviews: ReadonlyMap<string, Review> = new Map<string, Review>([
  [
    'authorization.k8s.io/selfsubjectaccessreviews',
    ({ authorizer }, { user }, body) => reviewOwnAccess(authorizer, user, body),
  ],
  ['authorization.k8s.io/subjectaccessreviews', ({ authorizer }, _operation, body) => reviewAccess(authorizer, body)],
  [
    'authorization.k8s.io/localsubjectaccessreviews',
    ({ authorizer }, { target }, body) => reviewLocalAccess(authorizer, target.namespace, body),
  ],
  ['authorization.k8s.io/selfsubjectrulesreviews', (parts, { user }, body) => reviewRules(parts, user, body)],
  ['authentication.k8s.io/selfsubjectreviews', (_parts, { user }, body) => reviewSelf(user, body)],
  ['authentication.k8s.io/tokenreviews', ({ tokens }, _operation, body) => reviewToken(tokens, body)],
])

export const isReview = (operation: Operation): boolean => reviews.has(resourceKey(operation.kind))

export async function handleReview(parts: ServerParts, operation: Operation): Promise<Answer> {
  const review = reviews.get(resourceKey(operation.kind))
  if (review === undefined || operation.verb !== 'create') throw methodNotAllowed()
  const { validation, dryRun } = writeOptionsOf(operation)
  const body = await readObject(operation, operation.kind, validation)
  await admitCreation(parts, operation, body, { dryRun })
  return { type: 'plain', code: 201, object: await review(parts, operation, body) }
}

function reviewRules({ authorizer }: ServerParts, user: UserInfo, body: object): SelfSubjectRulesReview {
  const review = body as SelfSubjectRulesReview
  const namespace = review.spec?.namespace ?? ''
  if (namespace === '') throw badRequest('no namespace on request')
  const { rules, incomplete } = authorizer.rulesFor(user, namespace)
  return {
    ...review,
    status: {
      incomplete: incomplete !== undefined,
      nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs = [] }) =>
        nonResourceURLs.length === 0 ? [] : [{ verbs, nonResourceURLs }],
      ),
      resourceRules: rules.flatMap(({ verbs, apiGroups, resources = [], resourceNames = [] }) =>
        resources.length === 0
          ? []
          : [
              {
                verbs,
                apiGroups: apiGroups ?? [],
                resources,
                ...(resourceNames.length === 0 ? {} : { resourceNames }),
              },
            ],
      ),
      ...(incomplete === undefined ? {} : { evaluationError: incomplete }),
    },
  }
}

function reviewSelf(user: UserInfo, body: object): SelfSubjectReview {
  return { ...body, status: { userInfo: shown(user) } }
}

async function reviewToken(tokens: TokenReviewer, body: object): Promise<TokenReview> {
  const { spec, ...review } = body as TokenReview
  const { token = '', audiences = [] } = spec ?? {}
  if (token === '') throw badRequest('token is required for TokenReview in authentication')
  const verdict = await tokens(token, audiences)
  const status =
    'refusal' in verdict
      ? { authenticated: false, user: {}, error: `[invalid bearer token, ${verdict.refusal}]` }
      : { authenticated: true, user: shown(authenticated(verdict.user)), audiences: [...verdict.audiences] }
  // The token itself is not sent back.
  return { ...review, spec: { ...spec, token: '' }, status }
}

export function shown({ name, uid, groups, extra }: UserInfo): NonNullable<NonNullable<TokenReview['status']>['user']> {
  return {
    username: name,
    groups: [...groups],
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined
      ? {}
      : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
  }
}

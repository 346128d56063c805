/** The three questions "may this user do this?": for oneself, for anybody, for anybody in one namespace. */
import { badRequest, invalidObject } from '../../api/errors.ts'
import { invalid, type FieldError } from '../../api/field-error.ts'
import { sameValue } from '../../api/meta/field-checks.ts'
import type { ResourceAttributes, SubjectAccessReview } from '../../api/types/authorization-v1.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { AccessRequest } from '../authorization/decision.ts'
import type { UserInfo } from '../request.ts'
import { fieldSelectorText, labelSelectorText, validateSelectors } from './access-selectors.ts'

const group = 'authorization.k8s.io'

export function reviewOwnAccess(authorizer: Authorizer, user: UserInfo, body: object): SubjectAccessReview {
  const review = body as SubjectAccessReview
  refuse('SelfSubjectAccessReview', [...validateAttributes(review), ...validateMeta(review, {})])
  return answered(authorizer, user, review)
}

export function reviewAccess(authorizer: Authorizer, body: object): SubjectAccessReview {
  const review = body as SubjectAccessReview
  refuse('SubjectAccessReview', [
    ...validateAttributes(review),
    ...validateSubject(review),
    ...validateMeta(review, {}),
  ])
  return answered(authorizer, subjectOf(review), review)
}

export function reviewLocalAccess(authorizer: Authorizer, namespace: string, body: object): SubjectAccessReview {
  const review = body as SubjectAccessReview
  const { nonResourceAttributes, resourceAttributes } = review.spec ?? {}
  const path = 'spec.nonResourceAttributes'
  refuse('LocalSubjectAccessReview', [
    ...validateAttributes(review),
    ...validateSubject(review),
    ...validateMeta(review, { namespace }),
    ...(nonResourceAttributes === undefined
      ? []
      : [invalid(path, nonResourceAttributes, 'disallowed on this kind of request')]),
  ])
  if ((resourceAttributes?.namespace ?? '') !== namespace)
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`)
  return answered(authorizer, subjectOf(review), review)
}

function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject({ group, kind }, '', errors)
}

function validateAttributes({ spec }: SubjectAccessReview): FieldError[] {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec ?? {}
  if (resource !== undefined && path !== undefined)
    return [invalid('spec.nonResourceAttributes', path, 'cannot be specified in combination with resourceAttributes')]
  if (resource === undefined && path === undefined) {
    const words = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
    return [invalid('spec.resourceAttributes', null, words)]
  }
  return resource === undefined ? [] : validateSelectors('spec.resourceAttributes', resource)
}

function validateSubject({ spec }: SubjectAccessReview): FieldError[] {
  const { user = '', groups = [] } = spec ?? {}
  if (user !== '' || groups.length > 0) return []
  return [invalid('spec.user', user, 'at least one of user or group must be specified')]
}

/** A question has no identity: it is never stored. */
function validateMeta({ metadata = {} }: SubjectAccessReview, allowed: object): FieldError[] {
  const { managedFields: _managedFields, ...meta } = metadata
  const isEmpty = Object.values(meta).every((value) => value === undefined || value === null || value === '')
  if (isEmpty || sameValue(meta, allowed)) return []
  const words = 'namespace' in allowed ? 'must be empty except for namespace' : 'must be empty'
  return [invalid('metadata', metadata, words)]
}

function subjectOf({ spec }: SubjectAccessReview): UserInfo {
  const { user = '', groups = [], uid, extra } = spec
  return { name: user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) }
}

function answered(authorizer: Authorizer, user: UserInfo, review: SubjectAccessReview): SubjectAccessReview {
  const { resourceAttributes: resource, nonResourceAttributes: path } = review.spec
  const access: AccessRequest =
    resource === undefined ? { type: 'path', verb: path?.verb ?? '', path: path?.path ?? '' } : resourceAccess(resource)
  const { allowed, reason } = authorizer.decide(user, access)
  return { ...review, status: { allowed, ...(reason === '' ? {} : { reason }) } }
}

function resourceAccess(attributes: ResourceAttributes): AccessRequest {
  const { verb = '', group: apiGroup = '', version = '', resource = '', subresource = '' } = attributes
  const { namespace = '', name = '' } = attributes
  const fieldSelector = fieldSelectorText(attributes.fieldSelector)
  const labelSelector = labelSelectorText(attributes.labelSelector)
  return {
    type: 'resource',
    verb,
    target: { group: apiGroup, version, plural: resource, subresource, namespace, name, rest: [] },
    ...(fieldSelector === '' ? {} : { fieldSelector }),
    ...(labelSelector === '' ? {} : { labelSelector }),
  }
}

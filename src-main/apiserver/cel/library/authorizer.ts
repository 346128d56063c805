/** Asking what a user may do, from inside an expression. */
import { EvaluationError } from '../errors.ts'
import { OpaqueValue } from '../values/value.ts'
import { member, type Overload } from './overload.ts'

/** What is asked: a path, or a resource. */
export type AccessQuestion =
  | { readonly type: 'path'; readonly path: string; readonly verb: string }
  | {
      readonly type: 'resource'
      readonly verb: string
      readonly group: string
      readonly resource: string
      readonly subresource: string
      readonly namespace: string
      readonly name: string
    }

/** The answer for the user of a request, or for a service account. */
export type Authorizer = (question: AccessQuestion, serviceAccount?: ServiceAccountName) => Verdict

export interface Verdict {
  readonly allowed: boolean
  readonly reason: string
}

export interface ServiceAccountName {
  readonly namespace: string
  readonly name: string
}

type ResourceQuestion = Omit<Extract<AccessQuestion, { type: 'resource' }>, 'type' | 'verb'>

const names = {
  authorizer: 'kubernetes.authorization.Authorizer',
  path: 'kubernetes.authorization.PathCheck',
  group: 'kubernetes.authorization.GroupCheck',
  resource: 'kubernetes.authorization.ResourceCheck',
  decision: 'kubernetes.authorization.Decision',
} as const

export const authorizerTypeName: string = names.authorizer
export const resourceCheckTypeName: string = names.resource

/** A step of a question; no two of them are ever equal. */
abstract class AuthorizationValue extends OpaqueValue {
  equals(other: OpaqueValue): boolean {
    return this === other
  }
}

export class AuthorizerValue extends AuthorizationValue {
  readonly typeName = names.authorizer
  readonly ask: Authorizer
  readonly account: ServiceAccountName | undefined

  constructor(ask: Authorizer, account?: ServiceAccountName) {
    super()
    this.ask = ask
    this.account = account
  }
}

class PathCheck extends AuthorizationValue {
  readonly typeName = names.path
  readonly of: AuthorizerValue
  readonly path: string

  constructor(of: AuthorizerValue, path: string) {
    super()
    this.of = of
    this.path = path
  }
}

class GroupCheck extends AuthorizationValue {
  readonly typeName = names.group
  readonly of: AuthorizerValue
  readonly group: string

  constructor(of: AuthorizerValue, group: string) {
    super()
    this.of = of
    this.group = group
  }
}

export class ResourceCheck extends AuthorizationValue {
  readonly typeName = names.resource
  readonly of: AuthorizerValue
  readonly question: ResourceQuestion

  constructor(of: AuthorizerValue, question: ResourceQuestion) {
    super()
    this.of = of
    this.question = question
  }

  with(more: Partial<ResourceQuestion>): ResourceCheck {
    return new ResourceCheck(this.of, { ...this.question, ...more })
  }
}

class Decision extends AuthorizationValue {
  readonly typeName = names.decision
  readonly verdict: Verdict

  constructor(verdict: Verdict) {
    super()
    this.verdict = verdict
  }
}

function checkPath({ of, path }: PathCheck, verb: string): Decision {
  return new Decision(of.ask({ type: 'path', path, verb }, of.account))
}

function checkResource({ of, question }: ResourceCheck, verb: string): Decision {
  return new Decision(of.ask({ type: 'resource', verb, ...question }, of.account))
}

function serviceAccount(of: AuthorizerValue, namespace: string, name: string): AuthorizerValue {
  if (namespace === '' || name === '') throw new EvaluationError('Invalid service account namespace or name')
  return new AuthorizerValue(of.ask, { namespace, name })
}

function path(of: AuthorizerValue, text: string): PathCheck {
  if (text === '') throw new EvaluationError('path must not be empty')
  return new PathCheck(of, text)
}

const nothing = { subresource: '', namespace: '', name: '' }
/** Roles are looked up for every question: an expression can ask twice, no more. */
const asking = { cost: () => 350_000 }

export const authorizerLibrary: readonly Overload[] = [
  member(names.authorizer, 'path', ['string'], names.path, path),
  member(
    names.authorizer,
    'group',
    ['string'],
    names.group,
    (of: AuthorizerValue, group: string) => new GroupCheck(of, group),
  ),
  member(names.authorizer, 'serviceAccount', ['string', 'string'], names.authorizer, serviceAccount),
  member(
    names.group,
    'resource',
    ['string'],
    names.resource,
    ({ of, group }: GroupCheck, resource: string) => new ResourceCheck(of, { group, resource, ...nothing }),
  ),
  ...(['subresource', 'namespace', 'name'] as const).map((part) =>
    member(names.resource, part, ['string'], names.resource, (check: ResourceCheck, value: string) =>
      check.with({ [part]: value }),
    ),
  ),
  // The authorizers here look at no selectors.
  ...(['fieldSelector', 'labelSelector'] as const).map((name) =>
    member(names.resource, name, ['string'], names.resource, (check: ResourceCheck) => check),
  ),
  member(names.path, 'check', ['string'], names.decision, checkPath, asking),
  member(names.resource, 'check', ['string'], names.decision, checkResource, asking),
  member(names.decision, 'allowed', [], 'bool', ({ verdict }: Decision) => verdict.allowed),
  member(names.decision, 'errored', [], 'bool', () => false),
  member(names.decision, 'error', [], 'string', () => ''),
  member(names.decision, 'reason', [], 'string', ({ verdict }: Decision) => verdict.reason),
]

import type { Kind } from '../api/define-kind.ts'
import type { ResourceTarget, ResourceVerb } from './filters/request-info.ts'
import type { Operation } from './operation.ts'
import type { UserInfo } from './request.ts'

const self: UserInfo = { name: 'system:apiserver', groups: ['system:masters'] }

/** What the server does on its own account. */
export function ownOperation(
  kind: Kind,
  verb: ResourceVerb,
  target: Partial<Pick<ResourceTarget, 'namespace' | 'name' | 'subresource'>>,
): Operation {
  const { group, version, plural } = kind
  return {
    ...{ kind, verb, user: self },
    target: { group, version, plural, namespace: '', name: '', subresource: '', rest: [], ...target },
    request: {
      ...{ method: 'POST', path: '/', query: new URLSearchParams(), headers: {}, body: { type: 'none' }, peer: self },
      signal: new AbortController().signal,
    },
    warn: () => undefined,
  }
}

/** A node gets tokens only for its own pods, and only for the audiences that these ask for. */
import { forbiddenRequest } from '../../api/errors.ts'
import type { TokenRequest } from '../../api/types/authentication-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { nodeOfUser } from '../authorization/node-authorizer.ts'
import type { Operation, ServerParts } from '../operation.ts'

type Spec = NonNullable<TokenRequest['spec']>

/** Throws `Forbidden` for a node that asks for more. */
export function refuseNodeToken({ cache }: ServerParts, { kind, target, user }: Operation, spec: Spec): void {
  const node = nodeOfUser(user)
  if (node === undefined) return
  const refuse = (detail: string): Error => forbiddenRequest(kind, target.name, detail)
  const { kind: boundKind, name = '', uid = '' } = spec.boundObjectRef ?? {}
  if (boundKind !== 'Pod' || name === '') throw refuse('node requested token not bound to a pod')
  if (uid === '') throw refuse('node requested token with a pod binding without a uid')
  const pod = cache.resource('core/pods').get(`${target.namespace}/${name}`)?.object as Pod | undefined
  // A pod that is not there, or is another one, is the handler's to tell.
  if (pod === undefined) return
  if (pod.spec?.nodeName !== node) throw refuse('node requested token bound to a pod scheduled on a different node')
  const known = podAudiences(pod)
  const strange = (spec.audiences ?? []).filter((audience) => !known.has(audience))
  if (strange.length > 0)
    throw refuse(`node requested audiences ${JSON.stringify(strange)} that are not in the volumes of pod ${name}`)
}

function podAudiences({ spec }: Pod): ReadonlySet<string> {
  const sources = (spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? [])
  return new Set(sources.flatMap(({ serviceAccountToken }) => serviceAccountToken?.audience ?? []))
}

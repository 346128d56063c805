import type { Kind } from '../../src-main/api/define-kind.ts'
import type { KubernetesObject, Live } from '../../src-main/api/meta/object.ts'
import { client } from '../api.ts'
import type { Action } from './action.ts'
import { httpRequest, kubectl } from './command-line.ts'

/** Deletes exactly the object that was looked at: one that took its name since then stays. */
export function deleteAction<T extends KubernetesObject>(kind: Kind<T>, { metadata }: Live<T>, text: string): Action {
  const { name, namespace, uid } = metadata
  const target = { name, ...(namespace === undefined ? {} : { namespace }) }
  return {
    id: 'delete',
    danger: true,
    title: 'actions.delete',
    icon: 'trash',
    kubectl: kubectl(target, 'delete', kind.singular, name),
    http: httpRequest('DELETE', kind, target),
    confirm: { text, values: { name, kind: kind.kind, owner: metadata.ownerReferences?.[0]?.name ?? '' } },
    run: () => client.delete(kind, target, { preconditions: { uid }, propagationPolicy: 'Background' }),
  }
}

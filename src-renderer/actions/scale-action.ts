import type { Kind } from '../../src-main/api/define-kind.ts'
import type { KubernetesObject, Live } from '../../src-main/api/meta/object.ts'
import { client } from '../api.ts'
import type { Action } from './action.ts'
import { httpRequest, kubectl } from './command-line.ts'

/** For whatever has the subresource `scale`. */
export function scaleAction<T extends KubernetesObject>(kind: Kind<T>, object: Live<T>, replicas: number): Action {
  const { name, namespace } = object.metadata
  const target = { name, ...(namespace === undefined ? {} : { namespace }) }
  return {
    id: 'scale',
    title: 'actions.scale',
    icon: 'scale',
    kubectl: kubectl(target, 'scale', kind.singular, name, '--replicas=N'),
    http: httpRequest('PATCH', kind, target, { subresource: 'scale', body: { spec: { replicas: 'N' } } }),
    number: { label: 'actions.replicas', value: replicas },
    run: async (wanted = replicas) => {
      await client.patch(
        kind,
        target,
        { type: 'merge', patch: { spec: { replicas: wanted } } },
        { subresource: 'scale' },
      )
    },
  }
}

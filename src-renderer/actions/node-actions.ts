import { node as kind } from '../../src-main/api/kinds/core/node.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Node } from '../../src-main/api/types/core-v1.ts'
import { client } from '../api.ts'
import type { Action } from './action.ts'
import { httpRequest, kubectl } from './command-line.ts'

/** Keeps new pods away from a node, or lets them come again; those that run there stay. */
export function nodeActions(node: Live<Node>): Action[] {
  const { name } = node.metadata
  const isClosed = node.spec?.unschedulable === true
  const patch = { spec: { unschedulable: isClosed ? null : true } }
  return [
    {
      id: isClosed ? 'uncordon' : 'cordon',
      title: isClosed ? 'actions.uncordon' : 'actions.cordon',
      icon: isClosed ? 'start' : 'hold',
      kubectl: kubectl({}, isClosed ? 'uncordon' : 'cordon', name),
      http: httpRequest('PATCH', kind, { name }, { body: patch }),
      run: async () => {
        await client.patch(kind, { name }, { type: 'merge', patch })
      },
    },
  ]
}

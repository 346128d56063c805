import { deployment as kind } from '../../src-main/api/kinds/apps/deployment.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Deployment } from '../../src-main/api/types/apps-v1.ts'
import { timestamp } from '../../src-main/lib/clock.ts'
import { client, clock } from '../api.ts'
import type { Action } from './action.ts'
import { httpRequest, kubectl } from './command-line.ts'
import { deleteAction } from './delete-action.ts'
import { scaleAction } from './scale-action.ts'

const restartedAt = 'kubectl.kubernetes.io/restartedAt'

export function deploymentActions(deployment: Live<Deployment>): Action[] {
  const { name, namespace = '' } = deployment.metadata
  const target = { namespace, name }
  const restart = (at: string) => ({
    spec: { template: { metadata: { annotations: { [restartedAt]: at } } } },
  })
  return [
    scaleAction(kind, deployment, deployment.spec?.replicas ?? 1),
    {
      id: 'restart',
      title: 'actions.restart',
      icon: 'restart',
      kubectl: kubectl(target, 'rollout', 'restart', `deployment/${name}`),
      http: httpRequest('PATCH', kind, target, { body: restart('…') }),
      confirm: { text: 'confirm.restart', values: { name } },
      run: async () => {
        await client.patch(kind, target, { type: 'merge', patch: restart(timestamp(clock.now())) })
      },
    },
    deleteAction(kind, deployment, 'confirm.deployment'),
  ]
}

import { pod as podKind } from '../../src-main/api/kinds/core/pod.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Pod } from '../../src-main/api/types/core-v1.ts'
import type { DockTab } from '../stores/dock.ts'
import type { Action } from './action.ts'
import { httpRequest, kubectl } from './command-line.ts'
import { deleteAction } from './delete-action.ts'

type OpenTab = (tab: Omit<DockTab, 'id'>) => void

/** `openTab` shows a log or a terminal in the dock. */
export function podActions(pod: Live<Pod>, openTab: OpenTab): Action[] {
  const { name, namespace = '' } = pod.metadata
  const target = { namespace, name }
  const container = pod.spec?.containers[0]?.name ?? ''
  const isOwned = (pod.metadata.ownerReferences?.length ?? 0) > 0
  const open = (type: DockTab['type']) => (): Promise<void> => {
    openTab({ type, namespace, pod: name, container })
    return Promise.resolve()
  }
  return [
    {
      id: 'log',
      title: 'actions.log',
      icon: 'log',
      kubectl: kubectl(target, 'logs', '-f', name, '-c', container),
      http: httpRequest('GET', podKind, target, { subresource: 'log', query: `container=${container}&follow=true` }),
      run: open('log'),
    },
    {
      id: 'terminal',
      title: 'actions.terminal',
      icon: 'terminal',
      kubectl: kubectl(target, 'exec', '-it', name, '-c', container, '--', 'sh'),
      http: httpRequest('GET', podKind, target, {
        subresource: 'exec',
        query: `container=${container}&command=sh&stdin=true&stdout=true&tty=true`,
      }),
      run: open('terminal'),
    },
    deleteAction(podKind, pod, isOwned ? 'confirm.ownedPod' : 'confirm.pod'),
  ]
}

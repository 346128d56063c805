import type { KubernetesObject, Live } from '../../src-main/api/meta/object.ts'
import type { Deployment } from '../../src-main/api/types/apps-v1.ts'
import type { Node, Pod } from '../../src-main/api/types/core-v1.ts'
import type { Machine } from '../../src-main/api/types/lab-v1.ts'
import { deploymentView } from '../kinds/deployments.ts'
import { machineView } from '../kinds/machines.ts'
import { nodeView } from '../kinds/nodes.ts'
import { podView } from '../kinds/pods.ts'
import type { ResourceView } from '../kinds/resource-view.ts'
import { serviceView } from '../kinds/services.ts'
import type { DockTab } from '../stores/dock.ts'
import type { Action } from './action.ts'
import { deleteAction } from './delete-action.ts'
import { deploymentActions } from './deployment-actions.ts'
import { machineActions } from './machine-actions.ts'
import { nodeActions } from './node-actions.ts'
import { podActions } from './pod-actions.ts'

/** What can be done with an object of a view; nothing for kinds that only tell. */
export function actionsOf(
  view: ResourceView,
  object: Live<KubernetesObject>,
  openTab: (tab: Omit<DockTab, 'id'>) => void,
): Action[] {
  const { kind } = view
  if (kind === podView.kind) return podActions(object as Live<Pod>, openTab)
  if (kind === deploymentView.kind) return deploymentActions(object as Live<Deployment>)
  if (kind === serviceView.kind) return [deleteAction(view.kind, object, 'confirm.service')]
  if (kind === nodeView.kind) return nodeActions(object as Live<Node>)
  if (kind === machineView.kind) return machineActions(object as Live<Machine>)
  return []
}

import type { KubernetesObject, Live } from '../../src-main/api/meta/object.ts'
import type { Deployment } from '../../src-main/api/types/apps-v1.ts'
import type { Pod } from '../../src-main/api/types/core-v1.ts'
import { deploymentView } from '../kinds/deployments.ts'
import { podView } from '../kinds/pods.ts'
import type { ResourceView } from '../kinds/resource-view.ts'
import { serviceView } from '../kinds/services.ts'
import type { DockTab } from '../stores/dock.ts'
import type { Action } from './action.ts'
import { deleteAction } from './delete-action.ts'
import { deploymentActions } from './deployment-actions.ts'
import { podActions } from './pod-actions.ts'

/** What can be done with an object of a view; nothing for kinds that only tell. */
export function actionsOf(
  view: ResourceView,
  object: Live<KubernetesObject>,
  openTab: (tab: Omit<DockTab, 'id'>) => void,
): Action[] {
  const plural = view.kind.plural
  if (plural === podView.kind.plural) return podActions(object as Live<Pod>, openTab)
  if (plural === deploymentView.kind.plural) return deploymentActions(object as Live<Deployment>)
  if (plural === serviceView.kind.plural) return [deleteAction(view.kind, object, 'confirm.service')]
  return []
}

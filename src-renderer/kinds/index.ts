import { deploymentView } from './deployments.ts'
import { eventView } from './events.ts'
import { machineView } from './machines.ts'
import { nodeView } from './nodes.ts'
import { podView } from './pods.ts'
import type { ResourceView } from './resource-view.ts'
import { serviceView } from './services.ts'

/** Every kind that has a page, by its path. */
export const views: Readonly<Record<string, ResourceView>> = {
  pods: podView,
  deployments: deploymentView,
  services: serviceView,
  events: eventView,
  nodes: nodeView,
  machines: machineView,
}

/** Every role and binding that a cluster has from its first second, in the order in which they are made. */
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../api/types/rbac-v1.ts'
import { componentBindings, componentRoles } from './components.ts'
import { controllerBindings, controllerRoles } from './controllers.ts'
import { namespacedBindings, namespacedRoles } from './namespaced.ts'
import { orreryBindings, orreryRoles } from './orrery.ts'
import { peopleBindings, peopleRoles } from './people.ts'

export const defaultRoles: readonly (ClusterRole | Role)[] = [
  ...peopleRoles,
  ...componentRoles,
  ...controllerRoles,
  ...orreryRoles,
  ...namespacedRoles,
]

export const defaultBindings: readonly (ClusterRoleBinding | RoleBinding)[] = [
  ...peopleBindings,
  ...componentBindings,
  ...controllerBindings,
  ...orreryBindings,
  ...namespacedBindings,
]

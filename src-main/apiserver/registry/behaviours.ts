/** What a few resources do that all others do not, beside what their kind says of itself. */
import { cleanupFinalizer, planTermination } from '../../api/custom/definition/plan-status.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.ts'
import type { Namespace, Pod, Service } from '../../api/types/core-v1.ts'
import { prepareService } from './service-fields.ts'
import { stampRuleTaint, stampSliceTaints } from './taint-times.ts'
import type { Reservation, ServiceNetwork } from './service-network.ts'

export interface ResourceBehaviour {
  /** Takes and frees what the object needs beyond itself. `draft` is undefined when the object goes. */
  reserve?(draft: DynamicObject | undefined, previous: DynamicObject | undefined, network: ServiceNetwork): Reservation
  /** Fills in times that are the server's to know; `now` is RFC 3339 text. Runs when defaults have been filled in. */
  stamp?(draft: DynamicObject, previous: DynamicObject | undefined, now: string): void
  /** How long the object may take to go; 0: at once. `asked` is what the client wants, if it says so. */
  graceSeconds?(object: DynamicObject, asked: number | undefined): number
  /** True while something beside its finalizers keeps a deleted object from going. */
  heldBack?(object: DynamicObject): boolean
  /** So large may the objects be that others have their turn between the steps of a write. */
  readonly inTurns?: true
  /** Changes the object when its deletion begins. */
  beginDeletion?(draft: DynamicObject): void
}

const pods: ResourceBehaviour = {
  graceSeconds(object, asked) {
    const { spec, status } = object as Pod
    const unplaced = spec?.nodeName === undefined || spec.nodeName === ''
    if (unplaced || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0
    const wanted = asked ?? spec.terminationGracePeriodSeconds ?? 30
    // A negative wish is as good as "now", but the node is still asked to stop the containers.
    return wanted < 0 ? 1 : wanted
  },
}

const namespaces: ResourceBehaviour = {
  heldBack: (object) => ((object as Namespace).spec?.finalizers ?? []).length > 0,
  beginDeletion(draft) {
    const namespace = draft as Namespace
    namespace.status = { ...namespace.status, phase: 'Terminating' }
  },
}

const services: ResourceBehaviour = {
  reserve(draft, previous, network) {
    if (draft !== undefined) prepareService(draft as Service, previous as Service | undefined)
    return network.reserve(draft as Service | undefined, previous as Service | undefined)
  },
}

/** It stays until all objects of its kinds are gone. */
const definitions: ResourceBehaviour = {
  inTurns: true,
  heldBack: ({ metadata }) => metadata?.deletionTimestamp === undefined,
  beginDeletion(draft) {
    const definition = draft as unknown as CustomResourceDefinition
    const { deletionTimestamp = '', finalizers = [] } = draft.metadata ?? {}
    if (!finalizers.includes(cleanupFinalizer))
      draft.metadata = { ...draft.metadata, finalizers: [...finalizers, cleanupFinalizer] }
    draft.status = planTermination(definition.status, 'pending', deletionTimestamp)
  },
}

const none: ResourceBehaviour = {}
const behaviours: ReadonlyMap<string, ResourceBehaviour> = new Map<string, ResourceBehaviour>([
  ['core/pods', pods],
  ['core/namespaces', namespaces],
  ['core/services', services],
  ['apiextensions.k8s.io/customresourcedefinitions', definitions],
  ['resource.k8s.io/resourceslices', { stamp: stampSliceTaints }],
  ['resource.k8s.io/devicetaintrules', { stamp: stampRuleTaint }],
])

/** `resource` is `group/plural`. */
export const behaviourOf = (resource: string): ResourceBehaviour => behaviours.get(resource) ?? none

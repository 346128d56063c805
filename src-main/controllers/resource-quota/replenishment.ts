/** Sets quotas off when something that they count is gone, has ended or has become less. */
import type { Kind } from '../../api/define-kind.ts'
import type { ResourceName } from '../../api/errors.ts'
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { keyOf, type KubernetesObject, type Live } from '../../api/meta/object.ts'
import { isTerminated, stableText } from '../../api/meta/pod.ts'
import type { PersistentVolumeClaim, Pod, ResourceQuota } from '../../api/types/core-v1.ts'
import type { Informer } from '../../client/informer.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { countedResources } from './plan.ts'

const idOf = ({ group, plural }: ResourceName): string => `${plural}.${group}`

/** Watches only what some quota counts; every other kind costs nothing. */
export class Replenishment implements Disposable {
  private readonly watched = new Set<string>()
  private readonly running = new DisposableStack()
  private readonly context: ControllerContext
  private readonly quotas: Informer<ResourceQuota>
  private readonly enqueue: (key: string) => void

  constructor(context: ControllerContext, quotas: Informer<ResourceQuota>, enqueue: (key: string) => void) {
    this.context = context
    this.quotas = quotas
    this.enqueue = enqueue
  }

  watch(kind: Kind): void {
    const id = idOf(kind)
    if (this.watched.has(id)) return
    this.watched.add(id)
    const setOff = ({ metadata }: Live<KubernetesObject>): void => this.setOff(id, metadata.namespace)
    this.running.use(
      this.context.informers.of(kind).on({
        deleted: setOff,
        updated: (previous, object) => {
          if (usesOtherThan(kind, previous, object)) setOff(object)
        },
      }),
    )
  }

  dispose(): Promise<void> {
    return this.running.dispose()
  }

  private setOff(id: string, namespace: string | undefined): void {
    for (const quota of this.quotas.lister.list(namespace))
      if (countedResources(quota).some((resource) => idOf(resource) === id)) this.enqueue(keyOf(quota))
  }
}

/** Most updates are of a status and change nothing for a quota. */
export function usesOtherThan(kind: ResourceName, previous: KubernetesObject, object: KubernetesObject): boolean {
  const of = meanings.get(idOf(kind)) ?? specOf
  return stableText(of(previous)) !== stableText(of(object))
}

const specOf = (object: KubernetesObject): unknown => (object as { readonly spec?: unknown }).spec

/** What counts of the objects of some resources besides, or instead of, their spec. */
const meanings: ReadonlyMap<string, (object: KubernetesObject) => unknown> = new Map([
  [
    idOf(podKind),
    (pod: Pod): unknown => [isTerminated(pod), (pod.spec?.containers ?? []).map(({ resources }) => resources)],
  ],
  [
    idOf(claimKind),
    ({ spec, status }: PersistentVolumeClaim): unknown => [
      ...[spec, status?.allocatedResources, status?.currentVolumeAttributesClassName],
      status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
    ],
  ],
])

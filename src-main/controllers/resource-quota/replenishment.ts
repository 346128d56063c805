/** Sets quotas off when something that they count is gone, has ended or has become less. */
import type { Kind } from '../../api/define-kind.ts'
import type { ResourceName } from '../../api/errors.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { keyOf, type KubernetesObject, type Live } from '../../api/meta/object.ts'
import { isTerminated, stableText } from '../../api/meta/pod.ts'
import type { Pod, ResourceQuota } from '../../api/types/core-v1.ts'
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

/** Most updates of pods are of their status and change nothing for a quota. */
function usesOtherThan(kind: Kind, previous: KubernetesObject, object: KubernetesObject): boolean {
  if (kind.group !== podKind.group || kind.plural !== podKind.plural)
    return stableText(specOf(previous)) !== stableText(specOf(object))
  const [before, after]: readonly Pod[] = [previous, object] as Pod[]
  if (before === undefined || after === undefined) return false
  return isTerminated(after) !== isTerminated(before) || stableText(sizes(after)) !== stableText(sizes(before))
}

const specOf = (object: KubernetesObject): unknown => (object as { readonly spec?: unknown }).spec
const sizes = ({ spec }: Pod): unknown => (spec?.containers ?? []).map(({ resources }) => resources)

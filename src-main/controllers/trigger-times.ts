/** Since when endpoints should have known what they now tell: what tells a proxy how late it learns of a change. */
import type { Live } from '../api/meta/object.ts'
import { podCondition } from '../api/meta/pod.ts'
import type { ObjectMeta } from '../api/types/meta-v1.ts'
import type { Pod, Service } from '../api/types/core-v1.ts'

export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'

interface Seen {
  readonly service: string
  /** When each pod became ready, or ceased to be; by name. */
  readonly pods: ReadonlyMap<string, string>
}

/** What a controller has taken in of each service. Kept in memory only: after a start, a service's own time counts. */
export class TriggerTimes {
  private readonly seen = new Map<string, Seen>()

  /** The first of the changes since the last call, RFC 3339; undefined when there was none that has a time. */
  next(key: string, service: Live<Service>, pods: readonly Live<Pod>[]): string | undefined {
    const before = this.seen.get(key)
    const times = new Map(pods.flatMap((pod) => readinessTime(pod)))
    const created = service.metadata.creationTimestamp
    this.seen.set(key, { service: created, pods: times })
    if (before === undefined) return created
    const changed = [...times].filter(([name, time]) => time > (before.pods.get(name) ?? '')).map(([, time]) => time)
    return [...changed, ...(created > before.service ? [created] : [])].toSorted()[0]
  }

  forget(key: string): void {
    this.seen.delete(key)
  }
}

function readinessTime(pod: Live<Pod>): [name: string, time: string][] {
  const time = podCondition(pod, 'Ready')?.lastTransitionTime
  return time === undefined ? [] : [[pod.metadata.name, time]]
}

/** Metadata that tells of this time, and of no other. */
export function withTriggerTime<M extends ObjectMeta>(metadata: M, time: string | undefined): M {
  const { [triggerTimeAnnotation]: _before, ...others } = metadata.annotations ?? {}
  const annotations = time === undefined ? others : { ...others, [triggerTimeAnnotation]: time }
  const { annotations: _all, ...rest } = metadata
  return (Object.keys(annotations).length === 0 ? rest : { ...rest, annotations }) as M
}

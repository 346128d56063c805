import { computed, type ComputedRef, type ShallowRef } from 'vue'
import type { Kind } from '../../src-main/api/define-kind.ts'
import type { KubernetesObject, Live } from '../../src-main/api/meta/object.ts'
import { useLiveList, type Freshness } from './live-list.ts'

export interface LiveObject<T> {
  /** Undefined while it loads, and when there is none. */
  readonly object: ComputedRef<Live<T> | undefined>
  readonly freshness: ShallowRef<Freshness>
}

/** One object, kept up to date for as long as the component lives. */
export function useLiveObject<T extends KubernetesObject>(
  kind: Kind<T>,
  { namespace, name }: { readonly namespace?: string | undefined; readonly name: string },
): LiveObject<T> {
  const { items, freshness } = useLiveList(kind, {
    ...(namespace === undefined ? {} : { namespace }),
    fieldSelector: `metadata.name=${name}`,
  })
  return { object: computed(() => items.value[0]), freshness }
}

/** Which pods an autoscaler decides on, and who else does. */
import { parseLabelSelector } from '../../api/meta/label-selector.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { describeError } from '../../lib/log.ts'

export type PodSelector = ReturnType<typeof parseLabelSelector>

/** What each autoscaler was last seen to select, by its key. */
export type KnownSelectors = ReadonlyMap<string, PodSelector>

/** The selector of a scale, or why it is none. */
export function selectorOf(text: string): PodSelector | { readonly problem: string } {
  try {
    return parseLabelSelector(text)
  } catch (error) {
    return {
      problem: `couldn't convert selector into a corresponding internal selector object: ${describeError(error)}`,
    }
  }
}

/** The keys of other autoscalers of the namespace that go by one of these pods. */
export function rivalsOf(key: string, namespace: string, pods: readonly Live<Pod>[], known: KnownSelectors): string[] {
  const others = [...known].filter(([other]) => other !== key && other.startsWith(`${namespace}/`))
  return others
    .filter(([, selector]) => pods.some(({ metadata }) => selector.matches(metadata.labels)))
    .map(([other]) => other)
}

import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Informer } from '../client/informer.ts'

const index = 'node'

/** Lets `podsOnNode` find the pods of a node without looking at all. */
export function indexByNode(pods: Informer<Pod>): Informer<Pod> {
  return pods.addIndex(index, ({ spec }) => (spec?.nodeName === undefined ? [] : [spec.nodeName]))
}

export const podsOnNode = (pods: Informer<Pod>, nodeName: string): Live<Pod>[] => pods.lister.byIndex(index, nodeName)

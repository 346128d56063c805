/** What the watches tell the scheduler's cache and queue. */
import { keyOf, type Live } from '../api/meta/object.ts'
import { isTerminated, isTerminating } from '../api/meta/pod.ts'
import type { Node, Pod } from '../api/types/core-v1.ts'
import type { Informer } from '../client/informer.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import type { SchedulerCache } from './cache.ts'
import type { SchedulingQueue } from './queue.ts'

export interface Feed {
  readonly pods: Informer<Pod>
  readonly nodes: Informer<Node>
  readonly cache: SchedulerCache
  readonly queue: SchedulingQueue
  /** The scheduler's name: pods of others are theirs. */
  readonly name: string
}

const isAssigned = ({ spec }: Pod): boolean => (spec?.nodeName ?? '') !== ''

export function feedFromWatches(feed: Feed): Disposable {
  const started = new DisposableStack()
  started.use(feedNodes(feed))
  started.use(feedPods(feed))
  return started
}

function feedNodes({ nodes, cache, queue }: Feed): Disposable {
  return nodes.on({
    added(node) {
      cache.setNode(node)
      queue.happened({ type: 'nodeAdded', node })
    },
    updated(previous, node) {
      cache.setNode(node)
      queue.happened({ type: 'nodeUpdated', previous, node })
    },
    deleted: (node) => cache.removeNode(node.metadata.name),
  })
}

function feedPods({ pods, cache, queue, name }: Feed): Disposable {
  const wantsNode = (pod: Live<Pod>): boolean =>
    (pod.spec?.schedulerName ?? 'default-scheduler') === name && !isTerminated(pod) && !isTerminating(pod)
  const waits = (pod: Live<Pod>): void => {
    if (cache.isAssumed(pod.metadata.uid)) return
    if (wantsNode(pod)) queue.put(pod)
    else queue.remove(keyOf(pod))
  }
  const occupies = (pod: Live<Pod>): boolean => isAssigned(pod) && !isTerminated(pod)
  return pods.on({
    added(pod) {
      if (!isAssigned(pod)) return waits(pod)
      cache.setPod(pod)
      if (occupies(pod)) queue.happened({ type: 'podAssigned', pod })
    },
    updated(previous, pod) {
      if (!isAssigned(pod)) return waits(pod)
      cache.setPod(pod)
      queue.remove(keyOf(pod))
      if (!isAssigned(previous)) queue.happened({ type: 'podAssigned', pod })
      else if (occupies(previous) && !occupies(pod)) queue.happened({ type: 'podGone', pod })
      else queue.happened({ type: 'podChanged', previous, pod })
    },
    deleted(pod) {
      cache.removePod(pod.metadata.uid)
      queue.remove(keyOf(pod))
      if (occupies(pod)) queue.happened({ type: 'podGone', pod })
    },
  })
}

/** What the watches tell the scheduler's cache and queue. */
import { keyOf, type Live } from '../api/meta/object.ts'
import { isTerminated, isTerminating } from '../api/meta/pod.ts'
import type { Namespace, Node, Pod } from '../api/types/core-v1.ts'
import type { Informer } from '../client/informer.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import type { SchedulerCache } from './cache.ts'
import type { SchedulingQueue } from './queue.ts'

export interface Feed {
  readonly pods: Informer<Pod>
  readonly nodes: Informer<Node>
  readonly namespaces: Informer<Namespace>
  readonly cache: SchedulerCache
  readonly queue: SchedulingQueue
  /** Whether a pod is ours: those that name another scheduler are left to it. */
  readonly owns: (pod: Pod) => boolean
}

const isAssigned = ({ spec }: Pod): boolean => (spec?.nodeName ?? '') !== ''

export function feedFromWatches(feed: Feed): Disposable {
  const started = new DisposableStack()
  started.use(feedNodes(feed))
  started.use(feedPods(feed))
  const relabelled = { added: () => feed.queue.happened({ type: 'namespaceChanged' }) }
  started.use(feed.namespaces.on({ ...relabelled, updated: relabelled.added }))
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
    deleted(node) {
      cache.removeNode(node.metadata.name)
      // A domain that is gone may have been the one that held the others back.
      queue.happened({ type: 'nodeRemoved' })
    },
  })
}

/** Looks again at pods without a node, after the scheduler's names changed. */
export function requeuePods({ pods, cache, queue, owns }: Feed): void {
  for (const pod of pods.lister.list()) {
    if (isAssigned(pod) || cache.isAssumed(pod.metadata.uid)) continue
    if (wantsNode(pod, owns)) queue.put(pod)
    else queue.remove(keyOf(pod))
  }
}

const wantsNode = (pod: Live<Pod>, owns: Feed['owns']): boolean =>
  owns(pod) && !isTerminated(pod) && !isTerminating(pod)

function feedPods({ pods, cache, queue, owns }: Feed): Disposable {
  const waits = (pod: Live<Pod>): void => {
    // Older news of a pod that has its place by now says nothing of where it hopes to go.
    if (cache.isAssumed(pod.metadata.uid)) return
    cache.nominated.set(pod)
    if (wantsNode(pod, owns)) queue.put(pod)
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

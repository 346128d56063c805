import { describe, expect, it } from 'vitest'
import { seededRandom } from '../lib/random.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { Heap } from './heap.ts'
import { nodeUnschedulable } from './predicates/node-unschedulable.ts'
import { SchedulingQueue, type QueuedPod } from './queue.ts'
import { aNode, aPod } from './test-objects.ts'

function setUp() {
  const clock = new VirtualClock()
  const queue = new SchedulingQueue(clock)
  /** The name of the next pod, or undefined when none is ready within the time. */
  const next = async (withinMs = 0): Promise<QueuedPod | undefined> => {
    let taken: QueuedPod | undefined
    void queue.take().then((item) => (taken = item))
    await clock.advance(withinMs)
    return taken
  }
  return { clock, queue, next }
}

async function parked(): Promise<ReturnType<typeof setUp>> {
  const all = setUp()
  all.queue.put(aPod('p'))
  const item = await all.next()
  if (item !== undefined) all.queue.park(item, [nodeUnschedulable])
  return all
}

describe('the scheduling queue', () => {
  it('hands out the most important pods first, then the oldest', async () => {
    const { clock, queue, next } = setUp()
    queue.put(aPod('first'))
    await clock.advance(1)
    queue.put(aPod('second'))
    queue.put(aPod('urgent', { priority: 1000 }))
    const order = [await next(), await next(), await next()].map((item) => item?.pod.metadata.name)
    expect(order).toEqual(['urgent', 'first', 'second'])
  })

  it('leaves a refused pod alone until an event may help the predicate that refused it', async () => {
    const { queue, next, clock } = await parked()
    queue.happened({ type: 'podGone', pod: aPod('other') })
    queue.happened({ type: 'nodeAdded', node: aNode('n', { spec: { unschedulable: true } }) })
    await clock.advance(60_000)
    expect(await next()).toBeUndefined()
    queue.happened({ type: 'nodeAdded', node: aNode('n') })
    await clock.advance(0)
    expect(queue.size).toBe(0)
  })

  it('makes a pod wait longer after each failure, counted from that failure', async () => {
    const { queue, next } = await parked()
    queue.happened({ type: 'nodeAdded', node: aNode('n') })
    const again = await next(999)
    expect(again).toBeUndefined()
    queue.dispose()
  })

  it('does not lose an event that comes while the pod is being tried', async () => {
    const { queue, next } = setUp()
    queue.put(aPod('p'))
    const item = await next()
    queue.happened({ type: 'nodeAdded', node: aNode('n') })
    if (item !== undefined) queue.park(item, [nodeUnschedulable])
    expect((await next(1000))?.pod.metadata.name).toBe('p')
  })

  it('keeps count of a pod that changes while it is being tried, and tries its newest state', async () => {
    const { queue, next } = setUp()
    queue.put(aPod('p'))
    const item = await next()
    queue.put({ ...aPod('p'), metadata: { ...aPod('p').metadata, labels: { a: 'b' } } })
    expect(queue.size).toBe(0)
    if (item !== undefined) queue.park(item, [nodeUnschedulable])
    expect(queue.size).toBe(1)
    expect(await next(999)).toBeUndefined()
    const again = await next(1)
    expect(again).toMatchObject({ attempts: 1, pod: { metadata: { labels: { a: 'b' } } } })
  })

  it('lets a pod rest whose status alone changed while it was being tried', async () => {
    const { queue, next } = setUp()
    queue.put(aPod('p'))
    const item = await next()
    queue.put({ ...aPod('p'), status: { phase: 'Pending' } })
    if (item !== undefined) queue.park(item, [nodeUnschedulable])
    expect(await next(60_000)).toBeUndefined()
    expect(queue.size).toBe(1)
  })

  it.each(['park', 'retryLater'] as const)('forgets a pod that goes while it is being tried: %s', async (way) => {
    const { queue, next } = setUp()
    queue.put(aPod('p'))
    const item = await next()
    queue.remove('default/p')
    if (item !== undefined) queue[way](item, [nodeUnschedulable])
    expect(queue.size).toBe(0)
  })

  it('counts refusals and other failures apart, the latter only since the last refusal', async () => {
    const { clock, queue, next } = setUp()
    queue.put(aPod('p'))
    const pauses: number[] = []
    let item = await next()
    for (const kind of ['refused', 'refused', 'failed', 'failed', 'refused', 'failed'] as const) {
      if (item === undefined) break
      if (kind === 'failed') queue.retryLater(item)
      else {
        queue.park(item, [nodeUnschedulable])
        queue.happened({ type: 'nodeAdded', node: aNode('n') })
      }
      item = undefined
      let seconds = 0
      void queue.take().then((taken) => (item = taken))
      for (; item === undefined && seconds < 20; seconds++) await clock.advance(1000)
      pauses.push(seconds)
    }
    expect(pauses).toEqual([1, 2, 1, 2, 4, 1])
  })

  it("tries a pod again after its pause when the failure was not the cluster's", async () => {
    const { queue, next, clock } = setUp()
    queue.put(aPod('p'))
    const item = await next()
    if (item !== undefined) queue.retryLater(item)
    await clock.advance(999)
    expect(queue.size).toBe(1)
    expect((await next(1))?.attempts).toBe(1)
  })

  it('tries a parked pod again after five minutes, come what may', async () => {
    const { next } = await parked()
    expect((await next(5 * 60_000))?.pod.metadata.name).toBe('p')
  })

  it('does not wake a pod for a change of its status, but for one of its spec', async () => {
    const { queue, clock } = await parked()
    queue.put({ ...aPod('p'), status: { phase: 'Pending', conditions: [] } })
    await clock.advance(0)
    expect(queue.size).toBe(1)
    let taken: QueuedPod | undefined
    void queue.take().then((item) => (taken = item))
    queue.put(aPod('p', { tolerations: [{ operator: 'Exists' }] }))
    await clock.advance(0)
    expect(taken?.pod.spec?.tolerations).toHaveLength(1)
  })

  it('holds a pod with scheduling gates until they are gone', async () => {
    const { queue, next, clock } = setUp()
    queue.put(aPod('p', { schedulingGates: [{ name: 'example.com/wait' }] }))
    await clock.advance(10 * 60_000)
    expect(queue.size).toBe(1)
    queue.put(aPod('p'))
    expect((await next())?.pod.metadata.name).toBe('p')
  })

  it('sends its taker home when it is disposed', async () => {
    const { queue } = setUp()
    const taken = queue.take()
    queue.dispose()
    expect(await taken).toBeUndefined()
  })
})

describe('a heap', () => {
  it('gives its items in order, whatever was added, replaced and deleted before', () => {
    const random = seededRandom(3)
    const heap = new Heap<{ key: string; rank: number }>(
      ({ key }) => key,
      (a, b) => a.rank - b.rank,
    )
    const expected = new Map<string, number>()
    for (let step = 0; step < 2000; step++) {
      const key = String(random.integer(300))
      if (random.next() < 0.3) {
        heap.delete(key)
        expected.delete(key)
      } else {
        const rank = random.integer(1000)
        heap.set({ key, rank })
        expected.set(key, rank)
      }
    }
    const ranks: number[] = []
    for (let item = heap.pop(); item !== undefined; item = heap.pop()) ranks.push(item.rank)
    expect(ranks).toEqual([...expected.values()].sort((a, b) => a - b))
  })
})

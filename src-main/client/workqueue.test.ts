import { describe, expect, it } from 'vitest'
import { seededRandom } from '../lib/random.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { WorkQueue } from './workqueue.ts'

function setup() {
  const clock = new VirtualClock()
  const queue = new WorkQueue({ clock, random: seededRandom(1), backoff: { initialMs: 10, maximumMs: 50, jitter: 0 } })
  return { clock, queue }
}

describe('a work queue', () => {
  it('gives keys in their order, each once', async () => {
    const { queue } = setup()
    for (const key of ['a', 'b', 'a', 'c']) queue.add(key)
    expect(queue.length).toBe(3)
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(['a', 'b', 'c'])
  })

  it('never gives a key that is being worked on; when it was added meanwhile, it comes once more', async () => {
    const { queue } = setup()
    queue.add('a')
    await queue.take()
    queue.add('a')
    queue.add('a')
    expect(queue.length).toBe(0)
    queue.done('a')
    expect(queue.length).toBe(1)
    await queue.take()
    queue.done('a')
    expect(queue.length).toBe(0)
  })

  it('hands a key to a worker that waits already', async () => {
    const { queue } = setup()
    const [first, second] = [queue.take(), queue.take()]
    queue.add('a')
    queue.add('b')
    expect(await Promise.all([first, second])).toEqual(['a', 'b'])
  })

  it('adds after a delay; of several delays the earliest counts', async () => {
    const { clock, queue } = setup()
    queue.addAfter('a', 100)
    queue.addAfter('a', 40)
    queue.addAfter('a', 70)
    await clock.advance(39)
    expect(queue.length).toBe(0)
    await clock.advance(1)
    expect(await queue.take()).toBe('a')
    queue.done('a')
    await clock.advance(1000)
    expect(queue.length).toBe(0)
  })

  it('waits longer after each failure of a key, up to a limit, until it is forgotten', async () => {
    const { clock, queue } = setup()
    const delays: number[] = []
    const fail = async (): Promise<void> => {
      const start = clock.now()
      queue.addRateLimited('a')
      while (queue.length === 0) await clock.advance(1)
      delays.push(clock.now() - start)
      queue.done((await queue.take()) ?? '')
    }
    for (let number = 0; number < 5; number++) await fail()
    queue.forget('a')
    await fail()
    expect(delays).toEqual([10, 20, 40, 50, 50, 10])
  })

  it('sends workers home when it is shut down, and takes nothing more', async () => {
    const { clock, queue } = setup()
    queue.add('a')
    await queue.take()
    const waiting = queue.take()
    queue.addAfter('b', 10)
    queue.shutDown()
    expect(await waiting).toBeUndefined()
    queue.add('c')
    queue.add('a')
    queue.done('a')
    await clock.advance(100)
    expect(queue.length).toBe(0)
    expect(await queue.take()).toBeUndefined()
  })
})

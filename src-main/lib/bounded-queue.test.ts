import { describe, expect, it } from 'vitest'
import { BoundedQueue } from './bounded-queue.ts'

describe('a queue read in batches', () => {
  it('gives what has come in one piece, in order, and ends', async () => {
    const queue = new BoundedQueue<number>(1000)
    const batches = queue.batches()
    for (let item = 0; item < 250; item++) queue.push(item)
    queue.close()
    const seen: (readonly number[])[] = []
    for await (const batch of batches) seen.push(batch)
    expect(seen.map(({ length }) => length)).toEqual([100, 100, 50])
    expect(seen.flat()).toEqual(Array.from({ length: 250 }, (_, item) => item))
  })

  it('waits for its turn once it is woken, and takes along what comes until then', async () => {
    const queue = new BoundedQueue<string>(10)
    const turn = Promise.withResolvers<undefined>()
    const next = queue.batches(() => turn.promise).next()
    await Promise.resolve()
    queue.push('a')
    await Promise.resolve()
    queue.push('b')
    turn.resolve(undefined)
    expect((await next).value).toEqual(['a', 'b'])
  })

  it('fails at once with the error of its producer, and closes when its reader leaves', async () => {
    const broken = new BoundedQueue<string>(10)
    broken.push('a')
    broken.close(new Error('lost'))
    await expect(broken.batches().next()).rejects.toThrow('lost')
    const left = new BoundedQueue<string>(10)
    left.push('a')
    const reading = left.batches()
    await reading.next()
    await reading.return()
    expect(left.closed).toBe(true)
  })
})

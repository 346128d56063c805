import { describe, expect, it } from 'vitest'
import { Turns } from './turns.ts'

describe('turns', () => {
  it('let a few go on at once and the others later, in their order', async () => {
    const turns = new Turns()
    const order: number[] = []
    const later: Promise<void>[] = []
    for (let index = 0; index < 350; index++) {
      const wait = turns.take()
      if (wait === undefined) order.push(index)
      else later.push(wait.then(() => void order.push(index)))
    }
    expect(order).toHaveLength(100)
    await new Promise((resolve) => setImmediate(resolve))
    expect(order.length).toBeLessThan(350)
    await Promise.all(later)
    expect(order).toEqual(Array.from({ length: 350 }, (_, index) => index))
    await new Promise((resolve) => setImmediate(resolve))
    expect(turns.take()).toBeUndefined()
  })
})

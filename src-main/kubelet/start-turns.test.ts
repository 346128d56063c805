import { describe, expect, it } from 'vitest'
import { StartTurns, type StartStep } from './start-turns.ts'

describe('the turns of containers that are started', () => {
  it('are so many at once, and go first to what is nearest to running', async () => {
    const turns = new StartTurns(2)
    const order: string[] = []
    const held: PromiseWithResolvers<undefined>[] = []
    const begin = (step: StartStep, name: string): Promise<string> =>
      turns.take(step, async () => {
        order.push(name)
        const end = Promise.withResolvers<undefined>()
        held.push(end)
        await end.promise
        return name
      })
    const all = [
      begin('create-sandbox', 'a'),
      begin('create-sandbox', 'b'),
      begin('create-sandbox', 'c'),
      begin('start-container', 'd'),
      begin('create-container', 'e'),
    ]
    expect(order).toEqual(['a', 'b'])
    for (let ended = 0; ended < all.length; ended++) {
      held[ended]?.resolve(undefined)
      await all[['a', 'b', 'c', 'd', 'e'].indexOf(order[ended] ?? '')]
    }
    expect(order).toEqual(['a', 'b', 'd', 'e', 'c'])
  })

  it('go on after one that failed', async () => {
    const turns = new StartTurns(1)
    const failed = turns.take('create-sandbox', () => Promise.reject(new Error('no room')))
    const next = turns.take('create-sandbox', () => Promise.resolve('made'))
    await expect(failed).rejects.toThrow('no room')
    expect(await next).toBe('made')
  })
})

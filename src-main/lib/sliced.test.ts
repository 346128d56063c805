import { describe, expect, it } from 'vitest'
import { atOnce, inSlices, type Sliced } from './sliced.ts'

function* work(steps: number, units: number): Sliced<string> {
  for (let step = 0; step < steps; step++) yield units
  return 'done'
}

describe('work in slices', () => {
  it('is done at once when it is short', () => {
    const never = (): Promise<void> => Promise.reject(new Error('nobody has to wait'))
    expect(inSlices(work(9, 10), 100, never)).toBe('done')
  })

  it('lets others have a turn after every slice', async () => {
    let turns = 0
    const nextTurn = async (): Promise<void> => void turns++
    expect(await inSlices(work(100, 10), 100, nextTurn)).toBe('done')
    expect(turns).toBe(10)
  })

  it('rejects with what it throws after its first slice', async () => {
    const failing = function* (): Sliced<void> {
      yield 100
      throw new Error('no')
    }
    await expect(inSlices(failing(), 100, async () => undefined)).rejects.toThrow('no')
  })

  it('may be done in one go', () => expect(atOnce(work(5, 1))).toBe('done'))
})

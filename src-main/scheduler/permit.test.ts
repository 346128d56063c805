import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../lib/virtual-clock.ts'
import type { OutsideRule, Permission } from './outside-rules.ts'
import { WaitingPods } from './permit.ts'
import { aPod } from './test-objects.ts'

const pod = aPod('p')

function aRule(name: string, permit: () => Permission | Error, dispensable = true): OutsideRule {
  return {
    ...{ name, dispensable },
    concerns: () => true,
    filter: () => Promise.resolve([]),
    score: () => Promise.resolve(undefined),
    permit: () => {
      const answer = permit()
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
  }
}

const wait = (seconds: number): Permission => ({ type: 'wait', seconds })
const allow: Permission = { type: 'allow' }

/** How a pod's wait ends: undefined when it may be bound. */
function begin(...rules: OutsideRule[]) {
  const clock = new VirtualClock()
  const waiting = new WaitingPods(clock)
  let end: { readonly message: string | undefined; readonly afterMs: number } | undefined
  const since = clock.monotonic()
  const ended = (message?: string): void => void (end = { message, afterMs: clock.monotonic() - since })
  waiting.permit(pod, 'a', rules).then(
    () => ended(),
    (error: Error) => ended(error.message),
  )
  return { clock, waiting, end: () => end }
}

describe('a pod that waits for leave to be bound', () => {
  it('is asked about again every second, and bound when it may be', async () => {
    let asked = 0
    const { clock, end } = begin(aRule('slow', () => (++asked < 4 ? wait(10) : allow)))
    await clock.advance(20_000)
    expect(end()).toEqual({ message: undefined, afterMs: 3000 })
  })

  it('is rejected when its time is over', async () => {
    const { clock, end } = begin(aRule('never', () => wait(5)))
    await clock.advance(4000)
    expect(end()).toBeUndefined()
    await clock.advance(20_000)
    expect(end()).toEqual({ message: 'rejected due to timeout after waiting 5s at plugin never', afterMs: 5000 })
  })

  it('needs the leave of every rule', async () => {
    const no: Permission = { type: 'deny', reason: 'not today' }
    const { clock, end } = begin(
      aRule('first', () => allow),
      aRule('second', () => no),
    )
    await clock.advance(0)
    expect(end()?.message).toBe('pod default/p was rejected by second: not today')
  })

  it('does without a rule that fails, unless that may not be', async () => {
    const broken = new Error('broken')
    const lax = begin(aRule('lax', () => broken))
    await lax.clock.advance(0)
    expect(lax.end()?.message).toBeUndefined()
    const strict = begin(aRule('strict', () => broken, false))
    await strict.clock.advance(0)
    expect(strict.end()?.message).toBe('broken')
  })

  it('may be turned away meanwhile', async () => {
    const { clock, waiting, end } = begin(aRule('never', () => wait(60)))
    await clock.advance(3500)
    expect([waiting.reject(pod.metadata.uid, 'preempted'), waiting.reject('another', 'preempted')]).toEqual([
      true,
      false,
    ])
    await clock.advance(0)
    expect(end()).toEqual({ message: 'preempted', afterMs: 3500 })
    expect(waiting.reject(pod.metadata.uid, 'again')).toBe(false)
  })
})

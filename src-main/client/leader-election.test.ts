import { describe, expect, it } from 'vitest'
import { startTestServer } from '../../test/support/api-server.ts'
import { lease } from '../api/kinds/coordination/lease.ts'
import { silentLog } from '../lib/log.ts'
import { seededRandom } from '../lib/random.ts'
import { startLeaderElection } from './leader-election.ts'

async function anElection() {
  const { client, clock } = await startTestServer()
  const leading: string[] = []
  const reachable = new Set(['a', 'b'])
  const start = (identity: string) =>
    startLeaderElection({
      client: new Proxy(client, {
        get: (target, name, receiver) =>
          reachable.has(identity)
            ? (Reflect.get(target, name, receiver) as unknown)
            : () => Promise.reject(new Error('the API cannot be reached')),
      }),
      ...{ clock, identity, random: seededRandom(identity.charCodeAt(0)), log: silentLog, lease: 'kube-scheduler' },
      lead: () => {
        leading.push(identity)
        return { dispose: () => void leading.splice(leading.indexOf(identity), 1) }
      },
    })
  return { client, clock, leading, reachable, start }
}

describe('leader election', () => {
  it('has one leader, and another at once when the first leaves', async () => {
    const { client, clock, leading, start } = await anElection()
    const a = start('a')
    await clock.advance(1000)
    const b = start('b')
    await clock.advance(60_000)
    expect(leading).toEqual(['a'])
    const held = await client.get(lease, { namespace: 'kube-system', name: 'kube-scheduler' })
    expect(held.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 })
    await a.dispose()
    await clock.advance(4000)
    expect(leading).toEqual(['b'])
    await b.dispose()
    expect(leading).toEqual([])
  })

  it('never has two, when the leader is cut off: it gives up before another takes over', async () => {
    const { clock, leading, reachable, start } = await anElection()
    const both = [start('a')]
    await clock.advance(1000)
    both.push(start('b'))
    await clock.advance(5000)
    reachable.delete('a')
    const seen: string[] = []
    for (let second = 0; second < 30; second++) {
      await clock.advance(1000)
      seen.push(leading.join('+'))
    }
    expect(seen.filter((leaders, at) => leaders !== seen[at - 1])).toEqual(['a', '', 'b'])
    reachable.add('a')
    await clock.advance(30_000)
    expect(leading).toEqual(['b'])
    for (const one of both) await one.dispose()
  })
})

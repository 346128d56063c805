import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { Gates } from './gates.ts'

const web = { 'k8s.object.kind': 'Pod', 'k8s.namespace.name': 'default', 'k8s.object.name': 'web' }
const heldNames = (gates: Gates): string[] => gates.held.map(({ gate }) => gate)

function gatesThat(mode: 'Run' | 'Hold'): Gates {
  const gates = new Gates(new VirtualClock())
  gates.set(mode, [])
  return gates
}

describe('gates', () => {
  it('hold nobody while the clock runs', () => {
    expect(gatesThat('Run').pass('scheduler', 'schedule', web)).toBeUndefined()
  })

  it.each(['reconcile', 'schedule', 'kubelet.start-container', 'proxy.sync', 'dns.addresses'])(
    'hold %s until the clock runs again',
    async (gate) => {
      const gates = gatesThat('Hold')
      const passed = gates.pass('any', gate, web)
      expect(gates.held).toMatchObject([{ gate, component: 'any', facts: web }])
      gates.set('Run', [])
      await passed
      expect(gates.held).toEqual([])
    },
  )

  it.each([
    ['a write of the API, which only a breakpoint holds', 'apiserver.commit', web],
    ['the controller that makes workers', 'reconcile', { controller: 'machine' }],
    ['the controller of the lab', 'reconcile', { controller: 'lab' }],
    ['the controller that hears heartbeats', 'reconcile', { controller: 'node-lifecycle' }],
    ['the controller that gives nodes their network', 'reconcile', { controller: 'node-ipam' }],
  ])('let %s through a hold', (_, gate, facts) => {
    expect(gatesThat('Hold').pass('any', gate, facts)).toBeUndefined()
  })

  it('let exactly one step through', async () => {
    const gates = gatesThat('Hold')
    const first = gates.pass('controllers', 'reconcile', web)
    void gates.pass('scheduler', 'schedule', web)
    const [oldest] = gates.held
    expect(gates.step(oldest!.id)).toBe(true)
    await first
    expect(heldNames(gates)).toEqual(['schedule'])
    expect(gates.step(oldest!.id)).toBe(false)
  })

  it('hold what a breakpoint names while all else runs', async () => {
    const gates = gatesThat('Run')
    gates.set('Run', [{ gate: 'apiserver.commit', kind: 'Pod', namespace: 'default' }])
    const write = gates.pass('apiserver', 'apiserver.commit', web)
    expect(gates.pass('apiserver', 'apiserver.commit', { ...web, 'k8s.namespace.name': 'shop' })).toBeUndefined()
    expect(gates.pass('scheduler', 'schedule', web)).toBeUndefined()
    expect(heldNames(gates)).toEqual(['apiserver.commit'])
    gates.set('Run', [])
    await write
  })

  it('never hold the writes that keep nodes alive, whatever a breakpoint says', () => {
    const gates = gatesThat('Run')
    gates.set('Run', [{ gate: 'apiserver.commit' }])
    for (const kind of ['Lease', 'Node', 'Lab', 'Machine'])
      expect(gates.pass('apiserver', 'apiserver.commit', { 'k8s.object.kind': kind })).toBeUndefined()
  })

  it('let go of who gives up', async () => {
    const gates = gatesThat('Hold')
    const abort = new AbortController()
    const passed = gates.pass('scheduler', 'schedule', web, abort.signal)
    abort.abort()
    await passed
    expect(gates.held).toEqual([])
    expect(gates.pass('scheduler', 'schedule', web, abort.signal)).toBeUndefined()
  })
})

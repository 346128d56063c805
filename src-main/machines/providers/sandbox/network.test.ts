import { describe, expect, it } from 'vitest'
import { layoutOf, workerLayout } from './layout.ts'
import {
  cableCommands,
  hostAddress,
  macOf,
  portOf,
  removeCableCommands,
  removeSwitchCommands,
  routeMetric,
  switchCommands,
} from './network.ts'

const context = {
  labFolder: '/data/labs/default',
  labId: 'x7k2p',
  networks: { machines: '10.77.0.0/24', pods: '10.244.0.0/16', services: '10.96.0.0/16' },
}
const lab = layoutOf(context)

describe('the network of sandbox workers', () => {
  it('derives names from addresses', () => {
    expect(hostAddress('10.77.0.0/24')).toBe('10.77.0.1')
    expect(macOf('10.77.0.11')).toBe('02:6f:0a:4d:00:0b')
    expect(portOf('10.77.0.11')).toBe('n0a4d000b')
  })

  it('puts the bridge into the switch and one cable on the host', () => {
    const commands = switchCommands(context, lab)
    expect(commands.map(({ argv }) => argv.slice(0, 2))).toEqual([
      ['nsenter', '--net=/run/orrery/x7k2p/switch'],
      ['nsenter', '--net=/run/orrery/x7k2p/switch'],
      ['ip', '-batch'],
      ['nsenter', '--net=/run/orrery/x7k2p/switch'],
    ])
    expect(commands[2]?.input?.split('\n').slice(0, 2)).toEqual([
      'link add or-x7k2p address 02:6f:0a:4d:00:01 type veth peer name uplink netns /run/orrery/x7k2p/switch',
      'addr add 10.77.0.1/24 dev or-x7k2p',
    ])
  })

  it('keeps pod and service addresses from leaving the host, by routes of its own', () => {
    const metric = routeMetric('x7k2p')
    const text = switchCommands(context, lab)
      .map(({ input }) => input)
      .join('')
    expect(text).toContain(`route replace unreachable 10.244.0.0/16 metric ${metric}`)
    expect(text).toContain(`route replace unreachable 10.96.0.0/16 metric ${metric}`)
    expect(removeSwitchCommands(context, lab).map(({ argv }) => argv.join(' '))).toContain(
      `ip route del unreachable 10.96.0.0/16 metric ${metric}`,
    )
    expect(routeMetric('x7k2q')).not.toBe(metric)
  })

  it('gives a worker its address and a way to the host', () => {
    const { namespace } = workerLayout(lab, 'worker-1')
    const [cable, inside] = cableCommands(context, lab, namespace, { address: '10.77.0.11' })
    expect(cable?.input).toBe(
      'link add n0a4d000b type veth peer name eth0 address 02:6f:0a:4d:00:0b netns /run/orrery/x7k2p/workers/worker-1\n' +
        'link set n0a4d000b master br0\nlink set n0a4d000b up\n',
    )
    expect(inside?.argv).toEqual(['nsenter', '--net=/run/orrery/x7k2p/workers/worker-1', 'ip', '-batch', '-'])
    expect(inside?.input).toContain('route add default via 10.77.0.1\n')
  })

  it('removes a cable before its namespace, and does not mind when they are gone', () => {
    const commands = removeCableCommands('/run/orrery/x7k2p/workers/worker-1')
    expect(commands.map(({ argv }) => argv[0])).toEqual(['nsenter', 'umount', 'rm'])
    expect(commands.slice(0, 2).every(({ mayFail }) => mayFail)).toBe(true)
  })
})

describe('the names of a lab', () => {
  it('carry its id and fit into a link name', () => {
    expect(lab.hostLink).toBe('or-x7k2p')
    expect(layoutOf({ ...context, labId: 'abcdefgh' }).hostLink.length).toBeLessThanOrEqual(15)
    expect(lab.cgroup).toBe('orrery-x7k2p')
  })

  it.each(['..', 'a/b', '', 'A', '-x', 'x'.repeat(64)])('refuse %j as a worker', (name) => {
    expect(() => workerLayout(lab, name)).toThrow(expect.objectContaining({ code: 'Failed' }))
  })
})

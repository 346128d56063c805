import { expect, it } from 'vitest'
import type { Pod } from '../../api/types/core-v1.ts'
import { answererConfig, relayConfig } from './dnsmasq.ts'
import { dnsRecords } from './records.ts'

const web = {
  metadata: { name: 'web', namespace: 'default' },
  spec: { clusterIP: '10.96.0.5', ports: [{ name: 'http', port: 80 }, { port: 81 }] },
}
const headless = { metadata: { name: 'db', namespace: 'data' }, spec: { clusterIP: 'None' } }
const slice = {
  metadata: { name: 'db-1', namespace: 'data', labels: { 'kubernetes.io/service-name': 'db' } },
  addressType: 'IPv4',
  ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }],
  endpoints: [
    { addresses: ['10.244.1.2'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['10.244.1.3'], conditions: { ready: true } },
    { addresses: ['10.244.1.4'], conditions: { ready: false } },
  ],
}
const domain = 'cluster.local'

it('answers the name of a service with its cluster address', () => {
  const { hosts, servers } = dnsRecords({ services: [web], slices: [], pods: [], domain })
  expect(hosts).toBe('10.96.0.5 web.default.svc.cluster.local\n')
  expect(servers).toEqual([
    { name: '_http._tcp.web.default.svc.cluster.local', target: 'web.default.svc.cluster.local', port: 80 },
  ])
})

it('answers a headless service with its ready endpoints, each also by its own name', () => {
  const { hosts, servers } = dnsRecords({ services: [headless], slices: [slice], pods: [], domain })
  expect(hosts.split('\n')).toEqual([
    '10.244.1.2 db-0.db.data.svc.cluster.local db.data.svc.cluster.local',
    '10.244.1.3 10-244-1-3.db.data.svc.cluster.local db.data.svc.cluster.local',
    '',
  ])
  expect(servers.map(({ target }) => target)).toEqual([
    '10-244-1-3.db.data.svc.cluster.local',
    'db-0.db.data.svc.cluster.local',
  ])
})

it('answers with endpoints that are not ready when the service asks for it', () => {
  const open = { ...headless, spec: { ...headless.spec, publishNotReadyAddresses: true } }
  expect(dnsRecords({ services: [open], slices: [slice], pods: [], domain }).hosts).toContain('10.244.1.4')
})

it('answers a pod by its address, as long as it has one', () => {
  const pod = (name: string, status: Pod['status']): Pod => ({ metadata: { name, namespace: 'data' }, status })
  const pods = [
    pod('running', { phase: 'Running', podIP: '10.244.1.9' }),
    pod('same-host', { phase: 'Running', podIP: '10.244.1.9' }),
    pod('headless', { phase: 'Running', podIP: '10.244.1.2' }),
    pod('waiting', { phase: 'Pending' }),
    pod('done', { phase: 'Succeeded', podIP: '10.244.1.10' }),
    pod('six', { phase: 'Running', podIP: 'fd00::1' }),
  ]
  const [first, ...others] = dnsRecords({ services: [headless], slices: [slice], pods, domain }).hosts.split('\n')
  expect(first).toBe('10.244.1.2 db-0.db.data.svc.cluster.local db.data.svc.cluster.local')
  expect(others.slice(-3)).toEqual([
    '10.244.1.2 10-244-1-2.data.pod.cluster.local',
    '10.244.1.9 10-244-1-9.data.pod.cluster.local',
    '',
  ])
})

it('makes two servers of the records, and one in front that asks both', () => {
  const records = dnsRecords({ services: [web], slices: [], pods: [], domain })
  const answerers = [10_054, 10_055].map((port) => answererConfig(domain, port, records).split('\n'))
  for (const [index, lines] of answerers.entries()) {
    expect(lines).toContain('listen-address=127.0.0.1')
    expect(lines).toContain(`port=${10_054 + index}`)
    expect(lines).toContain('local=/cluster.local/')
    expect(lines).toContain('srv-host=_http._tcp.web.default.svc.cluster.local,web.default.svc.cluster.local,80,0,100')
  }
  const relay = relayConfig({ address: '10.30.0.2' }).split('\n')
  expect(relay).toContain('listen-address=10.30.0.2')
  expect(relay.filter((line) => line.startsWith('server='))).toEqual([
    'server=127.0.0.1#10054',
    'server=127.0.0.1#10055',
  ])
  expect(relay).toContain('all-servers')
})

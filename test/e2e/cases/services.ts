/** How pods and nodes reach pods: by addresses, services and names, on two workers. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { PodSpec, ServiceSpec } from '../../../src-main/api/types/core-v1.ts'
import { shell, web, type CaseBook, type CasePod } from '../../support/case-book.ts'
import { nodeForPods } from '../../support/node-in-pod.ts'
import { until } from '../../support/until.ts'

const workers = ['worker-1', 'worker-2'] as const

/** A pod that runs net-server.mjs, and may ask by UDP itself. */
export const serverSpec = (rest: Partial<PodSpec> = {}, args: readonly string[] = []): PodSpec => ({
  ...rest,
  containers: [
    {
      ...{
        name: 'main',
        image: 'orrery.dev/busybox:1',
        command: [nodeForPods.program, '/scripts/net-server.mjs', ...args],
      },
      volumeMounts: [...nodeForPods.mounts, { name: 'scripts', mountPath: '/scripts' }],
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    },
  ],
  volumes: [...nodeForPods.volumes, { name: 'scripts', configMap: { name: 'net-server' } }],
})

interface World {
  readonly book: CaseBook
  /** One on each worker, and one in the network of each worker. */
  readonly clients: readonly CasePod[]
  readonly nodes: readonly CasePod[]
  readonly servers: readonly CasePod[]
}

export function serviceCases(book: CaseBook): void {
  const files = ['net-server.mjs', 'ask-names.mjs']
  const fixture = (file: string): string => readFileSync(join(import.meta.dirname, '../../fixtures', file), 'utf8')
  const data = Object.fromEntries(files.map((file) => [file, fixture(file)]))
  book.needs({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'net-server' }, data })
  const world: World = {
    book,
    // They have Node as well, for what busybox cannot ask.
    clients: workers.map((nodeName) => book.pod(`client-${nodeName}`, serverSpec({ nodeName }))),
    nodes: workers.map((nodeName) => book.pod(`node-${nodeName}`, serverSpec({ nodeName, hostNetwork: true }))),
    servers: workers.map((nodeName) =>
      book.pod(`server-${nodeName}`, serverSpec({ nodeName }), { labels: { app: 'server' } }),
    ),
  }
  pods(world)
  plainServices(world)
  affinity(world)
  protocols(world)
  types(world)
  endpoints(world)
  names(world)
  collections(world)
  proxies(world)
}

const service = (name: string, spec: ServiceSpec, metadata: object = {}): object => ({
  ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, ...metadata } },
  spec,
})
const http = (port = 80, targetPort: number | string = 8080): NonNullable<ServiceSpec['ports']>[number] => ({
  ...{ name: 'http', port, targetPort },
})
const get = (pod: CasePod, address: string): Promise<string> => pod.sh(`timeout 3 wget -qO- http://${address}/ 2>&1`)
/** The host name in the answer of a server, or nothing. */
const hostAt = async (pod: CasePod, address: string): Promise<string | undefined> =>
  /"host":"([^"]+)"/.exec(await get(pod, address))?.[1]
const udpHost = (pod: CasePod, host: string, port: number): Promise<string> =>
  pod.sh(`${nodeForPods.program} /scripts/net-server.mjs ${host} ${port}`)

const ready = async ({ clients, nodes, servers }: World): Promise<void> => {
  await Promise.all([...clients, ...nodes, ...servers].map((pod) => pod.ready()))
}
const addressOf = async (pod: CasePod): Promise<string> => (await pod.get()).status.podIP ?? ''
const nodeAddresses = (world: World): Promise<string[]> => Promise.all(world.nodes.map(addressOf))

function pods(world: World): void {
  const { book, clients, nodes, servers } = world
  book.story('runs on two nodes without taints', async () => {
    const { items } = await book.ask('GET', '/api/v1/nodes')
    const able = (items as { spec: { taints?: object[]; unschedulable?: boolean } }[]).filter(
      ({ spec }) => spec.unschedulable !== true && (spec.taints ?? []).length === 0,
    )
    expect(able.length).toBeGreaterThanOrEqual(2)
    await ready(world)
    const places = await Promise.all(servers.map(async (server) => (await server.get()).spec.nodeName))
    expect(new Set(places).size).toBe(2)
  })
  book.story('reaches pods of both workers by HTTP, from pods and from nodes', async () => {
    await ready(world)
    for (const server of servers) {
      const address = `${await addressOf(server)}:8080`
      for (const from of [...clients, ...nodes]) expect(await hostAt(from, address)).toBe(server.name)
    }
  })
  book.story('reaches pods of both workers by UDP, from pods and from nodes', async () => {
    for (const server of servers) {
      const address = await addressOf(server)
      for (const from of [...clients, ...nodes]) expect(await udpHost(from, address, 8081)).toBe(`${server.name}\n`)
    }
  })
}

/** Until all servers have answered. */
async function everyHost(
  what: string,
  ask: () => Promise<string | undefined>,
  servers: readonly CasePod[],
): Promise<void> {
  const seen = new Set<string | undefined>()
  await until(what, async () => {
    seen.add(await ask())
    return servers.every(({ name }) => seen.has(name))
  })
}

function plainServices(world: World): void {
  const { book, clients, nodes, servers } = world
  book.needs(service('all', { type: 'NodePort', selector: { app: 'server' }, ports: [http()] }))
  book.story('reaches a service by its name, its address and its port on the nodes', async () => {
    await ready(world)
    const { spec } = await book.ask('GET', book.path('services/all'))
    const [client, node] = [clients[0] as CasePod, nodes[1] as CasePod]
    for (const address of ['all', 'all.cases', `${spec.clusterIP}`])
      await everyHost(address, () => hostAt(client, address), servers)
    await everyHost('the address, from a node', () => hostAt(node, `${spec.clusterIP}`), servers)
    for (const address of await nodeAddresses(world))
      for (const from of [client, node])
        await everyHost('the port of a node', () => hostAt(from, `${address}:${spec.ports[0].nodePort}`), servers)
  })

  book.story('gives a new service its endpoints soon, again and again', async () => {
    const took: number[] = []
    const one = async (index: number): Promise<void> => {
      const name = `latency-${index}`
      const began = performance.now()
      await book.create(service(name, { selector: { app: 'server' }, ports: [http()] }))
      await until(
        'endpoints',
        async () => {
          const { items } = await book.ask(
            'GET',
            book.path(`endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D${name}`, 'discovery.k8s.io/v1'),
          )
          return (items as { endpoints?: unknown[] }[]).some(({ endpoints: list = [] }) => list.length === 2)
        },
        60_000,
        20,
      )
      took.push(performance.now() - began)
    }
    for (let from = 0; from < 100; from += 5) await Promise.all([0, 1, 2, 3, 4].map((offset) => one(from + offset)))
    took.sort((left, right) => left - right)
    expect(took).toHaveLength(100)
    expect(took[49]).toBeLessThan(20_000)
    expect(took[89]).toBeLessThan(50_000)
    await Promise.all(took.map((_, index) => book.remove(`services/latency-${index}`)))
  })
}

function affinity(world: World): void {
  const { book, clients, servers } = world
  for (const type of ['ClusterIP', 'NodePort'] as const) {
    const name = `sticky-${type.toLowerCase()}`
    book.needs(service(name, { type, sessionAffinity: 'ClientIP', selector: { app: 'server' }, ports: [http()] }))
    book.story(`keeps a client of a ${type} service with one pod as long as it is to`, async () => {
      await ready(world)
      const client = clients[0] as CasePod
      const { spec } = await book.ask('GET', book.path(`services/${name}`))
      const [node = ''] = await nodeAddresses(world)
      const address = type === 'NodePort' ? `${node}:${spec.ports[0].nodePort}` : `${spec.clusterIP}`
      const asked = async (): Promise<Set<string | undefined>> =>
        new Set(
          (
            await client.sh(
              `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do timeout 3 wget -qO- http://${address}/; echo; done`,
            )
          ).match(/"host":"[^"]+"/g) ?? [],
        )
      await until('one pod', async () => (await asked()).size === 1)
      expect((await asked()).size).toBe(1)
      expect(servers.map((one) => one.name)).toContain(await hostAt(client, name))
      await book.patch(book.path(`services/${name}`), { spec: { sessionAffinity: 'None' } })
      await until('both pods', async () => (await asked()).size === 2)
      await book.patch(book.path(`services/${name}`), { spec: { sessionAffinity: 'ClientIP' } })
      await until('one pod again', async () => (await asked()).size === 1)
      expect((await asked()).size).toBe(1)
    })
  }
}

function protocols(world: World): void {
  const { book, clients, servers } = world
  const both = [
    { name: 'tcp', protocol: 'TCP', port: 80, targetPort: 8080 },
    { name: 'udp', protocol: 'UDP', port: 80, targetPort: 8081 },
  ]
  book.needs(service('protocols', { selector: { app: 'server' }, ports: both }))
  book.story('serves one port by two protocols, and by one of them after the other is gone', async () => {
    await ready(world)
    const client = clients[1] as CasePod
    const path = book.path('services/protocols')
    const { spec } = await book.ask('GET', path)
    const address = String(spec.clusterIP)
    const names = servers.map(({ name }) => name)
    const tcp = async (): Promise<boolean> => names.includes((await hostAt(client, address)) ?? '')
    const udp = async (): Promise<boolean> => names.includes((await udpHost(client, address, 80)).trim())
    await until('both', async () => (await tcp()) && (await udp()))
    const only = (index: number): Promise<unknown> => book.patch(path, { spec: { ports: [both[index]] } })
    await only(0)
    await until('no UDP', async () => !(await udp()))
    expect(await tcp()).toBe(true)
    await only(1)
    await until('UDP again', udp)
    await until('no TCP', async () => !(await tcp()))
  })

  const slice = (name: string, address: string, ports: readonly [string, number][]): object => ({
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
    metadata: { name, labels: { 'kubernetes.io/service-name': name.replace(/-\d$/, '') } },
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: ports.map(([port, number]) => ({ name: port, port: number, protocol: 'TCP' })),
  })
  const two = {
    ports: [
      { name: 'one', port: 80, targetPort: 3000 },
      { name: 'two', port: 81, targetPort: 3001 },
    ],
  }
  book.needs(service('by-hand', two), service('by-hand-single', two))
  book.story('reaches endpoints that were made by hand', async () => {
    await ready(world)
    const client = clients[0] as CasePod
    const [first = '', second = ''] = await Promise.all(servers.map(addressOf))
    const web80 = book.casePod('sticky-web')
    const third = await addressOf(web80)
    await book.create(slice('by-hand-1', first, [['one', 8080]]))
    await book.create(slice('by-hand-2', third, [['two', 80]]))
    await book.create(
      slice('by-hand-single-1', second, [
        ['one', 8080],
        ['two', 5000],
      ]),
    )
    await until('the first port', async () => (await hostAt(client, 'by-hand')) === servers[0]?.name)
    await until('the second port', async () => (await get(client, 'by-hand:81')).includes('sticky-web'))
    await until('the first port of one', async () => (await hostAt(client, 'by-hand-single')) === servers[1]?.name)
    const probe = `${nodeForPods.program} -e 'require("net").connect(81,"by-hand-single").on("connect",()=>{console.log("open");process.exit()}).on("error",()=>process.exit())'`
    await until('the second port of one', async () => (await client.sh(probe)) === 'open\n')
  })
  book.pod('sticky-web', { containers: [{ name: 'main', image: web }] })
}

function types(world: World): void {
  const { book, clients, servers } = world
  const outside = 'foo.example.com'
  const alias = async (name: string): Promise<string> =>
    (clients[0] as CasePod).sh(`nslookup -type=cname ${name}.cases.svc.cluster.local 2>&1`)
  const points = (name: string, to: string) =>
    until(`${name} to point to ${to}`, async () => (await alias(name)).includes(`canonical name = ${to}`))
  const selector = { app: 'server' }
  book.needs(
    service('ip-to-name', { selector, ports: [http()] }),
    service('port-to-name', { type: 'NodePort', selector, ports: [http()] }),
    service('name-to-ip', { type: 'ExternalName', externalName: outside }),
    service('name-to-port', { type: 'ExternalName', externalName: outside }),
  )
  const path = (name: string): string => book.path(`services/${name}`)
  for (const name of ['ip-to-name', 'port-to-name']) {
    book.story(`stands for a name outside after it had an address: ${name}`, async () => {
      await ready(world)
      const before = (await book.ask('GET', path(name))).spec
      expect(before.clusterIP).toMatch(/^\d/)
      await book.patch(path(name), { spec: { type: 'ExternalName', externalName: outside } })
      const { spec } = await book.ask('GET', path(name))
      expect([spec.clusterIP, spec.ports?.[0]?.nodePort]).toEqual([undefined, undefined])
      await points(name, outside)
    })
  }
  for (const [name, type] of [
    ['name-to-ip', 'ClusterIP'],
    ['name-to-port', 'NodePort'],
  ] as const) {
    book.story(`has an address after it stood for a name outside: ${name}`, async () => {
      await ready(world)
      expect((await book.ask('GET', path(name))).spec.clusterIP).toBeUndefined()
      await points(name, outside)
      await book.patch(path(name), { spec: { externalName: 'bar.example.com' } })
      await points(name, 'bar.example.com')
      await book.patch(path(name), { spec: { type, externalName: null, selector, ports: [http()] } })
      const { spec } = await book.ask('GET', path(name))
      expect(spec.clusterIP).toMatch(/^\d/)
      const client = clients[0] as CasePod
      await everyHost('its name', () => hostAt(client, name), servers)
      await everyHost('its address', () => hostAt(client, String(spec.clusterIP)), servers)
      if (type === 'NodePort')
        for (const address of await nodeAddresses(world))
          await everyHost('its port on a node', () => hostAt(client, `${address}:${spec.ports[0].nodePort}`), servers)
    })
  }
}

function endpoints(world: World): void {
  const { book, clients } = world
  const ports = [
    { name: 'first', port: 80, targetPort: 'first' },
    { name: 'second', port: 81, targetPort: 'second' },
  ]
  book.needs(
    service('growing', { selector: { app: 'growing' }, ports }),
    service('nobody', { selector: { app: 'nobody' }, ports: [http()] }),
  )
  /** Port and address of each endpoint. */
  const found = async (name = 'growing'): Promise<string[]> => {
    const { items } = await book.ask(
      'GET',
      book.path(`endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D${name}`, 'discovery.k8s.io/v1'),
    )
    type Slice = { ports?: { name: string; port: number }[]; endpoints?: { addresses: string[] }[] }
    return (items as Slice[])
      .flatMap(({ ports: own, endpoints: list }) =>
        (own ?? []).flatMap(({ name: port, port: number }) =>
          (list ?? []).map(({ addresses }) => `${port} ${addresses[0]}:${number}`),
        ),
      )
      .sort()
  }
  const spec = (port: string): PodSpec => ({
    containers: [{ name: 'main', image: web, ports: [{ name: port, containerPort: 80 }] }],
  })
  book.story('has the endpoints of the pods that are there, for the ports that they have', async () => {
    await ready(world)
    expect(await found()).toEqual([])
    const labels = { app: 'growing' }
    const first = await book.start('growing-1', spec('first'), { labels })
    await first.ready()
    const one = `first ${await addressOf(first)}:80`
    await until('the first', async () => (await found()).join() === one)
    const second = await book.start('growing-2', spec('second'), { labels })
    await second.ready()
    const two = `second ${await addressOf(second)}:80`
    await until('both', async () => (await found()).join() === `${one},${two}`)
    const client = clients[1] as CasePod
    await until('the first port', async () => (await get(client, 'growing')) === 'growing-1\n')
    await until('the second port', async () => (await get(client, 'growing:81')) === 'growing-2\n')
    await book.remove('pods/growing-1')
    await until('the second', async () => (await found()).join() === two)
    await book.remove('pods/growing-2')
    await until('none', async () => (await found()).length === 0)
  })
  book.story('has an empty slice and empty endpoints as long as its service is there', async () => {
    const slices = book.path(
      'endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dnobody',
      'discovery.k8s.io/v1',
    )
    const count = async (): Promise<number> => (await book.ask('GET', slices)).items.length
    const old = async (): Promise<number> => (await book.door.ask('GET', book.path('endpoints/nobody'))).code
    await until('both', async () => (await count()) === 1 && (await old()) === 200)
    expect((await book.ask('GET', book.path('endpoints/nobody'))).subsets ?? []).toEqual([])
    await book.remove('services/nobody')
    await until('neither', async () => (await count()) === 0 && (await old()) === 404)
  })
  book.story('has endpoints of the API itself', async () => {
    const root = '/api/v1/namespaces/default'
    const { subsets } = await book.ask('GET', `${root}/endpoints/kubernetes`)
    const { items } = await book.ask(
      'GET',
      '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes',
    )
    expect(subsets[0].ports[0].name).toBe('https')
    expect(items[0].endpoints[0].addresses).toEqual([subsets[0].addresses[0].ip])
    expect(items[0].ports[0].port).toBe(subsets[0].ports[0].port)
  })
}

function names(world: World): void {
  const { book, clients } = world
  book.needs(
    service('headless', { clusterIP: 'None', selector: { dns: 'yes' }, ports: [http(80, 80)] }),
    service('plain', { selector: { dns: 'yes' }, ports: [http(80, 80)] }),
  )
  const named = book.pod(
    'querier',
    { hostname: 'querier-host', subdomain: 'headless', containers: [{ name: 'main', image: web }] },
    { labels: { dns: 'yes' } },
  )
  const ask = (name: string, type = 'a'): Promise<string> =>
    (clients[0] as CasePod).sh(`nslookup -type=${type} ${name} 2>&1`)
  const answers = (name: string, words: string | RegExp, type?: string): Promise<unknown> =>
    until(`the ${type ?? 'a'} record of ${name}`, async () => {
      const said = await ask(name, type)
      return typeof words === 'string' ? said.includes(words) : words.test(said)
    })

  book.story('finds the API and services by their names, with and without an address', async () => {
    await ready(world)
    await named.ready()
    const address = await addressOf(named)
    const { spec } = await book.ask('GET', book.path('services/plain'))
    await answers('kubernetes.default.svc.cluster.local', 'Address')
    await answers('headless.cases.svc.cluster.local', address)
    await answers(`${address.replaceAll('.', '-')}.cases.pod.cluster.local`, address)
    await answers('plain.cases.svc.cluster.local', String(spec.clusterIP))
    await answers('_http._tcp.plain.cases.svc.cluster.local', /80 plain\.cases\.svc\.cluster\.local/, 'srv')
    await answers('_http._tcp.headless.cases.svc.cluster.local', /80 querier-host\.headless\.cases/, 'srv')
    await answers(
      `${String(spec.clusterIP).split('.').toReversed().join('.')}.in-addr.arpa`,
      'plain.cases.svc.cluster.local',
      'ptr',
    )
    for (const name of ['headless', 'headless.cases', 'headless.cases.svc', 'plain', 'plain.cases', 'plain.cases.svc'])
      expect(await get(clients[0] as CasePod, name), name).toBe('querier-host\n')
    expect(await (clients[0] as CasePod).sh('cat /etc/hosts')).toMatch(/\tclient-worker-1$/m)
  })
  book.story(
    'finds the ports of services by parts of their names, as the search list of its resolver completes them',
    async () => {
      const resolver = await (clients[0] as CasePod).sh('cat /etc/resolv.conf')
      const searches = /^search (.+)$/m.exec(resolver)?.[1]?.split(' ') ?? []
      expect(searches.slice(0, 3)).toEqual(['cases.svc.cluster.local', 'svc.cluster.local', 'cluster.local'])
      // busybox asks for what it is given: the list is gone through here, in the resolver's order.
      const searched = async (name: string): Promise<string> => {
        for (const search of searches) {
          const said = await ask(`${name}.${search}`, 'srv')
          if (said.includes('service = ')) return said
        }
        return ''
      }
      for (const [name, target] of [
        ['headless', 'querier-host.headless.cases.svc.cluster.local'],
        ['plain', 'plain.cases.svc.cluster.local'],
      ] as const)
        for (const rest of ['', '.cases', '.cases.svc'])
          expect(await searched(`_http._tcp.${name}${rest}`), `${name}${rest}`).toContain(`80 ${target}`)
    },
  )
  book.story('has an answer at any moment while services and their ports come and go', async () => {
    await ready(world)
    const words = '/scripts/ask-names.mjs plain.cases.svc.cluster.local /tmp/asked'
    const asking = (clients[0] as CasePod).sh(`${nodeForPods.program} ${words}`)
    try {
      for (const name of ['passing-1', 'passing-2', 'passing-3']) {
        await book.ask('POST', book.path('services'), service(name, { ports: [http()] }))
        await answers(`_http._tcp.${name}.cases.svc.cluster.local`, /service = /, 'srv')
        await book.ask('DELETE', book.path(`services/${name}`))
      }
    } finally {
      await (clients[0] as CasePod).sh('touch /tmp/asked')
    }
    expect(await asking).toMatch(/^\d{2,} asked, 0 missed/)
  })
  book.story('finds a pod by its host name in a headless service, and its own name in /etc/hosts', async () => {
    const address = await addressOf(named)
    await answers('querier-host.headless.cases.svc.cluster.local', address)
    await answers('headless.cases.svc.cluster.local', address)
    expect(await get(clients[1] as CasePod, 'querier-host.headless')).toBe('querier-host\n')
    const full = 'querier-host.headless.cases.svc.cluster.local'
    expect(await named.sh('hostname; hostname -f; cat /etc/hosts')).toMatch(
      new RegExp(`^querier-host\n${full}\n[^]*${address}\t${full}\tquerier-host$`, 'm'),
    )
  })

  const dnsConfig = {
    nameservers: ['1.1.1.1'],
    searches: ['resolv.conf.local'],
    options: [{ name: 'ndots', value: '2' }],
  }
  const custom = book.pod('own-resolver', {
    ...{ restartPolicy: 'Never', dnsPolicy: 'None', dnsConfig },
    containers: [shell('main', 'cat /etc/resolv.conf')],
  })
  book.story('asks whom its pod wants it to ask', async () => {
    await custom.ended()
    const lines = (await custom.log()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    expect(lines.sort()).toEqual(['nameserver 1.1.1.1', 'options ndots:2', 'search resolv.conf.local'])
  })
}

function collections({ book }: World): void {
  const set = ['set-a', 'set-b', 'set-c']
  for (const [index, name] of set.entries())
    book.needs(service(name, { ports: [http()] }, { labels: { set: index === 2 ? 'kept' : 'gone', one: 'of-three' } }))
  book.story('goes with all services of its label', async () => {
    const names = async (): Promise<string[]> => {
      const { items } = await book.ask('GET', book.path('services?labelSelector=one%3Dof-three'))
      return (items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name)
    }
    expect(await names()).toEqual(set)
    await book.ask('DELETE', book.path('services?labelSelector=set%3Dgone'))
    await until('their end', async () => (await names()).join() === 'set-c')
  })
  book.story('is found among the services of all namespaces', async () => {
    const { items } = await book.ask('GET', '/api/v1/services')
    const found = (items as { metadata: { name: string; namespace: string } }[]).map(
      ({ metadata: { name, namespace } }) => `${namespace}/${name}`,
    )
    expect(found).toContain('default/kubernetes')
  })
}

function proxies(world: World): void {
  const { book, servers } = world
  book.needs(
    service('proxied', { selector: { app: 'server' }, ports: [http(), { name: 'other', port: 81, targetPort: 8080 }] }),
  )
  book.story('answers requests of any method through the API, to a pod and to a service', async () => {
    await ready(world)
    const pod = servers[0]?.name ?? ''
    const targets = [
      `pods/${pod}:8080/proxy`,
      'services/proxied:80/proxy',
      'services/http:proxied:other/proxy',
      'services/proxied:http/proxy',
    ]
    for (const target of targets) {
      for (const method of ['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'GET']) {
        for (const path of ['/', '/some/path?with=query']) {
          const reply = await book.door.ask(method, `${book.path(target)}${path}`)
          expect(reply.code, `${method} ${target}`).toBe(200)
          expect(reply.object).toMatchObject({ method, path })
        }
      }
      expect((await book.door.ask('HEAD', `${book.path(target)}/`)).code).toBe(200)
    }
  })
}

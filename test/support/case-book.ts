/**
 * Cases that share one lab: each asks for its objects when the tests are told, all are made at once, and each is looked
 * at by its own test. So a hundred pods start together, and nobody waits for them one by one.
 */
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { parse } from 'yaml'
import type { Container, ContainerStatus, Pod, PodSpec } from '../../src-main/api/types/core-v1.ts'
import { openDoor, type Content, type Door, type Reply } from './api-door.ts'
import { createKubectl, type Kubectl } from './kubectl.ts'
import { until } from './until.ts'

/** Only there to end a broken run: all pods of all cases start together. */
const waitMs = 110_000

export const busybox = 'orrery.dev/busybox:1'
export const web = 'orrery.dev/web:1'

/** What a container without further wishes runs: a shell command. */
export const shell = (name: string, command: string, rest: Partial<Container> = {}): Container => ({
  ...{ name, image: busybox, command: ['sh', '-c', command] },
  ...rest,
})

export interface CasePod {
  readonly name: string
  get(): Promise<Live>
  /** The pod, as soon as it is as asked. */
  until(what: string, look: (pod: Live) => boolean, limitMs?: number): Promise<Live>
  ended(): Promise<Live>
  ready(): Promise<Live>
  /** The log of a container that has ended. */
  log(container?: string): Promise<string>
  /** Runs a shell command in it. */
  sh(command: string, container?: string): Promise<string>
}

export type Live = Pod & { metadata: { name: string; uid: string }; spec: PodSpec; status: NonNullable<Pod['status']> }

/** One container of a pod, and what it must have said by its end. */
export interface Told {
  readonly title: string
  readonly container: Partial<Container>
  readonly says: readonly (string | RegExp)[]
}

export class CaseBook {
  readonly namespace = 'cases'
  private readonly missing: string | undefined
  private readonly first: object[] = []
  private readonly pods: object[] = []
  private opened: { door: Door; kubectl: Kubectl; server: ServerAddress } | undefined

  constructor(missing: string | undefined) {
    this.missing = missing
  }

  get door(): Door {
    return this.inUse.door
  }

  /** In the namespace of the cases. */
  get kubectl(): Kubectl {
    return this.inUse.kubectl
  }

  private get inUse(): NonNullable<CaseBook['opened']> {
    if (this.opened === undefined) throw new Error('the book is not open')
    return this.opened
  }

  /** Makes everything that the cases have asked for. */
  async open(kubeconfig: string): Promise<void> {
    const server = await serverOf(kubeconfig)
    const door = openDoor(server.url, server)
    this.opened = { door, server, kubectl: inNamespace(createKubectl(kubeconfig), this.namespace) }
    await this.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } })
    await until('the account of the cases', async () => {
      const account = await door.ask('GET', `/api/v1/namespaces/${this.namespace}/serviceaccounts/default`)
      return account.code === 200
    })
    await Promise.all(this.first.map((object) => this.create(object)))
    await Promise.all(this.pods.map((object) => this.create(object)))
  }

  close(): void {
    this.opened?.door.dispose()
  }

  /** An object that must be there before any pod. */
  needs(...objects: object[]): void {
    this.first.push(...objects)
  }

  /** `limitMs` is for one that takes longer than others by nature. */
  story(title: string, run: () => Promise<void>, limitMs?: number): void {
    const limit = limitMs === undefined ? {} : { timeout: limitMs }
    it(title, limit, async ({ skip }) => {
      if (this.missing !== undefined) skip(this.missing)
      await run()
    })
  }

  /** A pod that is made with all others. */
  pod(name: string, spec: PodSpec, metadata: object = {}): CasePod {
    this.pods.push(podOf(name, spec, metadata))
    return this.casePod(name)
  }

  /** One pod; a container and a test for each row. */
  told(name: string, spec: Partial<PodSpec>, rows: readonly Told[]): CasePod {
    const containers = rows.map(({ container }, index) => ({ name: `c${index}`, image: busybox, ...container }))
    const pod = this.pod(name, { restartPolicy: 'Never', ...spec, containers })
    for (const [index, { title, says }] of rows.entries()) {
      this.story(title, async () => {
        const { status } = await pod.ended()
        const { state } = status.containerStatuses?.find((one) => one.name === containers[index]?.name) ?? {}
        const log = await pod.log(`c${index}`)
        for (const words of says) expect(log).toMatch(typeof words === 'string' ? plain(words) : words)
        expect(state?.terminated?.exitCode, log).toBe(0)
      })
    }
    return pod
  }

  /** Makes a pod now. */
  async start(name: string, spec: PodSpec, metadata: object = {}): Promise<CasePod> {
    await this.create(podOf(name, spec, metadata))
    return this.casePod(name)
  }

  /** `pods/x`, `services`: in the namespace of the cases. */
  path(resource: string, group = ''): string {
    return `${group === '' ? '/api/v1' : `/apis/${group}`}/namespaces/${this.namespace}/${resource}`
  }

  /** The answer's object; throws when it is a failure. */
  async ask(method: string, target: string, body?: unknown, contentType = 'application/json'): Promise<Content> {
    const reply = await this.door.ask(method, target, body === undefined ? {} : { body, contentType })
    if (reply.code >= 300) throw new Error(`${method} ${target}: ${reply.code} ${Buffer.from(reply.bytes).toString()}`)
    return reply.object
  }

  /** A merge patch. */
  patch(target: string, body: object): Promise<Content> {
    return this.ask('PATCH', target, body, 'application/merge-patch+json')
  }

  async create(object: Content): Promise<Content> {
    const { apiVersion, kind, metadata } = object as { apiVersion: string; kind: string; metadata: Content }
    const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
    const resource = `${kind.toLowerCase()}${kind.endsWith('s') ? 'es' : 's'}`
    const scoped = ['Namespace', 'RuntimeClass', 'PriorityClass', 'ClusterRoleBinding'].includes(kind)
    const place = scoped ? '' : `/namespaces/${(metadata.namespace as string | undefined) ?? this.namespace}`
    return this.ask('POST', `${root}${place}/${resource}`, object)
  }

  remove(resource: string): Promise<Reply> {
    return this.door.ask('DELETE', this.path(resource))
  }

  /** The messages of a WebSocket until it closes. */
  messages(target: string, protocol: string): Promise<Buffer[]> {
    const { url, ca, certificate, key } = this.inUse.server
    const socket = new WebSocket(`${url.replace('https:', 'wss:')}${target}`, protocol, { ca, cert: certificate, key })
    const said: Buffer[] = []
    socket.on('message', (data: Buffer) => said.push(data))
    return new Promise((resolve, reject) => socket.on('close', () => resolve(said)).on('error', reject))
  }

  /** What such a socket says on each channel. */
  async channels(target: string, protocol: string): Promise<Map<number, string>> {
    const said = new Map<number, string>()
    for (const data of await this.messages(target, protocol)) {
      const channel = data[0] ?? -1
      said.set(channel, (said.get(channel) ?? '') + data.subarray(1).toString())
    }
    return said
  }

  casePod(name: string): CasePod {
    const path = this.path(`pods/${name}`)
    const get = (): Promise<Live> => this.ask('GET', path) as Promise<Live>
    const wait: CasePod['until'] = async (what, look, limitMs = waitMs) => {
      let last: Live | undefined
      try {
        return await until(
          `${name}: ${what}`,
          async () => {
            last = await get()
            return look(last) ? last : undefined
          },
          limitMs,
        )
      } catch (error) {
        throw new Error(`${name}: not ${what}: ${JSON.stringify(last?.status)}`, { cause: error })
      }
    }
    return {
      name,
      get,
      until: wait,
      ended: () => wait('at its end', ({ status: { phase = '' } }) => ['Succeeded', 'Failed'].includes(phase)),
      ready: () => wait('ready', isReady),
      log: async (container) => {
        const query = container === undefined ? '' : `?container=${container}`
        const { code, bytes } = await this.door.ask('GET', `${path}/log${query}`, { accept: '*/*' })
        const text = Buffer.from(bytes).toString()
        expect(code, text).toBe(200)
        return text
      },
      sh: async (command, container) => {
        const query = new URLSearchParams([
          ['stdout', '1'],
          ['stderr', '1'],
          ...['sh', '-c', command].map((word) => ['command', word]),
        ])
        if (container !== undefined) query.set('container', container)
        const said = await this.channels(`${path}/exec?${query.toString()}`, 'v5.channel.k8s.io')
        return `${said.get(1) ?? ''}${said.get(2) ?? ''}`
      },
    }
  }
}

export const isReady = ({ status }: Live): boolean =>
  status.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') === true

export const containerOf = ({ status }: Live, name?: string): ContainerStatus => {
  const all = [
    ...(status.containerStatuses ?? []),
    ...(status.initContainerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ]
  const found = all.find((one) => name === undefined || one.name === name)
  if (found === undefined) throw new Error(`no status of ${name ?? 'any container'}`)
  return found
}

interface ServerAddress {
  readonly url: string
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

async function serverOf(kubeconfig: string): Promise<ServerAddress> {
  const { clusters, users } = parse(await readFile(kubeconfig, 'utf8')) as {
    clusters: { cluster: Record<string, string> }[]
    users: { user: Record<string, string> }[]
  }
  const decoded = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString()
  const { server = '', 'certificate-authority-data': ca } = clusters[0]?.cluster ?? {}
  const { 'client-certificate-data': certificate, 'client-key-data': key } = users[0]?.user ?? {}
  return { url: server, ca: decoded(ca), certificate: decoded(certificate), key: decoded(key) }
}

function inNamespace(kubectl: Kubectl, namespace: string): Kubectl {
  const within = (args: readonly string[]): string[] => ['-n', namespace, ...args]
  return {
    try: (args, stdin) => kubectl.try(within(args), stdin),
    run: (args, stdin) => kubectl.run(within(args), stdin),
    follow: (args) => kubectl.follow(within(args)),
  }
}

const podOf = (name: string, spec: PodSpec, metadata: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { terminationGracePeriodSeconds: 1, ...spec },
})

const plain = (words: string): RegExp => new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))

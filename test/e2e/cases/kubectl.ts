/** What people do by kubectl to pods and controllers that really run. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { PodSpec } from '../../../src-main/api/types/core-v1.ts'
import { busybox, shell, web, type CaseBook } from '../../support/case-book.ts'
import { nodeForPods } from '../../support/node-in-pod.ts'
import { until } from '../../support/until.ts'
import { serverSpec } from './services.ts'

export function kubectlCases(book: CaseBook): void {
  singlePods(book)
  controllers(book)
  exposed(book)
  described(book)
  logs(book)
  guestbook(book)
}

/** Ends when it is told to: what does not, is waited for. */
const obedient = 'trap "exit 0" TERM; sleep 600 & wait'

const lines = (text: string): string[] => text.trim().split('\n').filter(Boolean)

/** A controller with two pods of one label, which end at once when they are told to. */
const controller = (kind: string, name: string, spec: PodSpec, replicas = 2): string =>
  JSON.stringify({
    apiVersion: kind === 'ReplicationController' ? 'v1' : 'apps/v1',
    ...{ kind, metadata: { name } },
    spec: {
      replicas,
      selector: kind === 'ReplicationController' ? { app: name } : { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 0, ...spec } },
    },
  })

const running = async (book: CaseBook, app: string, count: number): Promise<string[]> =>
  until(`${count} running pods of ${app}`, async () => {
    const ready = '{range .items[*]}{.metadata.name} {.status.containerStatuses[*].ready}{"\\n"}{end}'
    const found = lines(await book.kubectl.run(['get', 'pods', '-l', `app=${app}`, '-o', `jsonpath=${ready}`]))
    const isThere = found.length === count && found.every((line) => line.endsWith(' true'))
    return isThere ? found.map((line) => line.split(' ')[0] ?? '') : undefined
  })

function singlePods(book: CaseBook): void {
  const run = (name: string): Promise<string> =>
    book.kubectl.run([
      'run',
      name,
      `--image=${busybox}`,
      `--labels=run=${name}`,
      '--command',
      '--',
      'sh',
      '-c',
      obedient,
    ])
  const wait = (name: string): Promise<string> =>
    book.kubectl.run(['wait', `pod/${name}`, '--for=condition=Ready', '--timeout=60s'])
  const imagesOf = (name: string): Promise<string> =>
    book.kubectl.run(['get', 'pod', name, '-o', 'jsonpath={.spec.containers[*].image}'])

  book.story('runs an image as a pod of one container', async () => {
    expect(await run('run-one')).toBe('pod/run-one created\n')
    await wait('run-one')
    expect(await imagesOf('run-one')).toBe(busybox)
  })

  book.story('labels a running pod, and takes the label away', async () => {
    const labelled = async (): Promise<string[]> =>
      lines(await book.kubectl.run(['get', 'pods', '-l', 'testing=yes', '-o', 'name']))
    await book.kubectl.run(['label', 'pod', 'run-one', 'testing=yes'])
    expect(await labelled()).toEqual(['pod/run-one'])
    expect(await book.kubectl.run(['get', 'pod', 'run-one', '-L', 'testing'])).toMatch(/TESTING\n.* yes\n/)
    await book.kubectl.run(['label', 'pod', 'run-one', 'testing-'])
    expect(await labelled()).toEqual([])
  })

  book.story('replaces the image of a running pod, or the pod itself', async () => {
    await run('replaced')
    await wait('replaced')
    const read = async () => JSON.parse(await book.kubectl.run(['get', 'pod', 'replaced', '-o', 'json']))
    const before = await read()
    const changed = JSON.stringify(before).replaceAll(`"image":"${busybox}"`, `"image":"${web}"`)
    expect(await book.kubectl.run(['replace', '-f', '-'], changed)).toBe('pod/replaced replaced\n')
    expect(await imagesOf('replaced')).toBe(web)
    await until('a container of the new image', async () => {
      const [container] = (await read()).status.containerStatuses
      return container.image === web && container.state.running !== undefined
    })
    expect((await read()).metadata.uid).toBe(before.metadata.uid)
    const { apiVersion, kind, metadata, spec } = before
    const anew = { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace }, spec }
    await book.kubectl.run(['replace', '--force', '--grace-period=0', '-f', '-'], JSON.stringify(anew))
    await wait('replaced')
    expect((await read()).metadata.uid).not.toBe(before.metadata.uid)
    expect(await imagesOf('replaced')).toBe(busybox)
  })
}

function controllers(book: CaseBook): void {
  const answers = async (name: string): Promise<string> => {
    const { host } = await book.ask('GET', `${book.path(`pods/${name}:8080`)}/proxy/`)
    return host as string
  }
  const count = async (replicas: number): Promise<string[]> => {
    await book.kubectl.run(['scale', 'rc', 'counted', `--replicas=${replicas}`])
    return running(book, 'counted', replicas)
  }

  book.story('has as many pods of a replication controller as it wants, now more, now less', async () => {
    await book.kubectl.run(['create', '-f', '-'], controller('ReplicationController', 'counted', serverSpec()))
    expect(await running(book, 'counted', 2)).toHaveLength(2)
    expect(await count(1)).toHaveLength(1)
    expect(await count(2)).toHaveLength(2)
  })

  book.story('reaches each pod of a replication controller by HTTP, TCP and UDP', async () => {
    const [first = '', second = ''] = await running(book, 'counted', 2)
    expect([await answers(first), await answers(second)]).toEqual([first, second])
    const address = (await book.casePod(second).get()).status.podIP ?? ''
    const from = book.casePod(first)
    expect(await from.sh(`nc -w 2 ${address} 8080 </dev/null && echo connected`)).toBe('connected\n')
    expect(await from.sh(`${nodeForPods.program} /scripts/net-server.mjs ${address} 8081`)).toBe(`${second}\n`)
  })

  book.story('annotates each running pod of a controller by a patch', async () => {
    const pods = await running(book, 'counted', 2)
    const patch = JSON.stringify({ metadata: { annotations: { x: 'y' } } })
    for (const pod of pods) await book.kubectl.run(['patch', 'pod', pod, '-p', patch])
    for (const pod of pods)
      expect(await book.kubectl.run(['get', 'pod', pod, '-o', 'jsonpath={.metadata.annotations.x}'])).toBe('y')
    await book.kubectl.run(['delete', 'rc', 'counted'])
  })

  book.story('reaches the pod of a replica set', async () => {
    await book.kubectl.run(['create', '-f', '-'], controller('ReplicaSet', 'basic-set', serverSpec(), 1))
    const [pod = ''] = await running(book, 'basic-set', 1)
    expect(await answers(pod)).toBe(pod)
    await book.kubectl.run(['delete', 'rs', 'basic-set'])
  })

  book.story('completes a job whose pods fail once', async () => {
    const job = {
      ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'second-try' } },
      spec: {
        ...{ parallelism: 2, completions: 4 },
        template: {
          spec: {
            restartPolicy: 'OnFailure',
            volumes: [{ name: 'v', emptyDir: {} }],
            containers: [
              shell('c', 'test -e /v/tried && exit 0; touch /v/tried; exit 1', {
                volumeMounts: [{ name: 'v', mountPath: '/v' }],
              }),
            ],
          },
        },
      },
    }
    await book.kubectl.run(['create', '-f', '-'], JSON.stringify(job))
    await book.kubectl.run(['wait', 'job/second-try', '--for=condition=Complete', '--timeout=90s'])
    const restarts = '{range .items[*]}{.status.phase} {.status.containerStatuses[0].restartCount}{"\\n"}{end}'
    const told = await book.kubectl.run(['get', 'pods', '-l', 'job-name=second-try', '-o', `jsonpath=${restarts}`])
    expect(lines(told)).toEqual(Array(4).fill('Succeeded 1'))
  })
}

/** Serves its own name on the port that is asked for. */
const named = (port: number): PodSpec => ({
  containers: [
    shell('main', `mkdir /www; hostname > /www/index.html; exec httpd -f -p ${port} -h /www`, {
      ports: [{ containerPort: port }],
      readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
    }),
  ],
})

function exposed(book: CaseBook): void {
  const asker = book.pod('asks-exposed', { containers: [shell('main', 'sleep 600')] })
  const ports = (name: string): Promise<string> =>
    book.kubectl.run(['get', 'service', name, '-o', 'jsonpath={.spec.ports[0].port} {.spec.ports[0].targetPort}'])
  const get = (name: string, port: number): Promise<string | undefined> =>
    until(`an answer of ${name}`, async () => {
      const text = await asker.sh(`timeout 2 wget -qO- http://${name}:${port}/ 2>/dev/null`)
      return text === '' ? undefined : text.trim()
    })

  book.story('exposes a replication controller, and a service once more', async () => {
    await book.kubectl.run(['create', '-f', '-'], controller('ReplicationController', 'primary', named(6379), 1))
    const [pod] = await running(book, 'primary', 1)
    await asker.ready()
    await book.kubectl.run(['expose', 'rc', 'primary', '--name=rm2', '--port=1234', '--target-port=6379'])
    expect(await ports('rm2')).toBe('1234 6379')
    expect(await get('rm2', 1234)).toBe(pod)
    await book.kubectl.run(['expose', 'service', 'rm2', '--name=rm3', '--port=2345', '--target-port=6379'])
    expect(await ports('rm3')).toBe('2345 6379')
    expect(await get('rm3', 2345)).toBe(pod)
  })
}

function described(book: CaseBook): void {
  book.story('describes a pod, its controller, its service, its node and its namespace', async () => {
    const [pod = ''] = await running(book, 'primary', 1)
    const { status, spec } = await book.casePod(pod).get()
    const describe = (...what: string[]): Promise<string> => book.kubectl.run(['describe', ...what])
    const says = (text: string, ...words: RegExp[]): void => {
      for (const one of words) expect(text).toMatch(one)
    }
    says(
      await describe('pod', pod),
      ...[new RegExp(`^Name: +${pod}$`, 'm'), /^Namespace: +cases$/m, /^Labels: +app=primary$/m, /^Status: +Running$/m],
      ...[new RegExp(`^IP: +${status.podIP}$`, 'm'), new RegExp(`^Node: +${spec.nodeName}/`, 'm')],
      ...[/^Controlled By: +ReplicationController\/primary$/m, /^ +Image: +orrery.dev\/busybox:1$/m],
      ...[/^ +State: +Running$/m, /^ +Ready: +True$/m, /^ +Port: +6379\/TCP$/m, /Container started/],
    )
    says(
      await describe('rc', 'primary'),
      ...[/^Name: +primary$/m, /^Selector: +app=primary$/m, /^Replicas: +1 current \/ 1 desired$/m],
      ...[/^Pods Status: +1 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed$/m, /SuccessfulCreate/],
    )
    says(
      await describe('service', 'rm2'),
      ...[/^Name: +rm2$/m, /^Selector: +app=primary$/m, /^Type: +ClusterIP$/m, /^TargetPort: +6379\/TCP$/m],
      ...[new RegExp(`^Endpoints: +${status.podIP}:6379$`, 'm'), /^Session Affinity: +None$/m],
    )
    says(
      await describe('node', spec.nodeName ?? ''),
      ...[new RegExp(`^Name: +${spec.nodeName}$`, 'm'), /^Conditions:$/m, /^ +Ready +True /m, /^Allocatable:$/m],
      ...[new RegExp(`^ +cases +${pod} `, 'm'), /^Allocated resources:$/m],
    )
    says(await describe('namespace', 'cases'), /^Name: +cases$/m, /^Status: +Active$/m, /^No resource quota\.$/m)
    await book.kubectl.run(['delete', 'rc/primary', 'service/rm2', 'service/rm3'])
  })
}

function logs(book: CaseBook): void {
  const pod = book.pod('says-lines', {
    containers: [shell('main', 'for i in $(seq 1 20); do echo "line $i of twenty"; done; sleep 600')],
  })
  book.story('shows the whole log, its end, its first bytes, its times, and what is recent', async () => {
    await pod.ready()
    const log = (...options: string[]): Promise<string> => book.kubectl.run(['logs', pod.name, ...options])
    await until('the last line', async () => (await log()).includes('line 20'))
    const all = await log()
    expect(lines(all)).toHaveLength(20)
    expect(await log('--tail=1')).toBe('line 20 of twenty\n')
    expect(await log('--limit-bytes=1')).toBe('l')
    const [time = '', ...rest] = (await log('--tail=1', '--timestamps')).split(' ')
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/)
    expect(rest.join(' ')).toBe('line 20 of twenty\n')
    expect(await log('--since=24h')).toBe(all)
    // The lines are older by now, or will be soon.
    await until('nothing of the last second', async () => (await log('--since=1s')) === '')
  })
}

function guestbook(book: CaseBook): void {
  const script = readFileSync(join(import.meta.dirname, '../../fixtures/guestbook.mjs'), 'utf8')
  book.needs({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'guestbook' },
    data: { 'guestbook.mjs': script },
  })
  const role = (port: number, ...args: string[]): PodSpec => ({
    containers: [
      {
        ...{ name: 'main', image: busybox, command: [nodeForPods.program, '/scripts/guestbook.mjs', ...args] },
        volumeMounts: [...nodeForPods.mounts, { name: 'scripts', mountPath: '/scripts' }],
        readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
      },
    ],
    volumes: [...nodeForPods.volumes, { name: 'scripts', configMap: { name: 'guestbook' } }],
  })
  const service = (name: string, port: number): string =>
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { name } },
      spec: { selector: { app: name }, ports: [{ port }] },
    })
  book.story('writes into a guest book at its front end, and reads it from its replicas', async () => {
    const parts = [
      ...[service('book-primary', 6379), service('book-replica', 6379), service('book-frontend', 80)],
      controller('Deployment', 'book-primary', role(6379, 'primary'), 1),
      controller('Deployment', 'book-replica', role(6379, 'replica', 'book-primary:6379'), 2),
      controller('Deployment', 'book-frontend', role(80, 'frontend', 'book-primary:6379', 'book-replica:6379'), 1),
    ]
    await book.kubectl.run(['create', '-f', '-'], parts.join('\n---\n'))
    await running(book, 'book-primary', 1)
    await running(book, 'book-replica', 2)
    await running(book, 'book-frontend', 1)
    const ask = async (query: string): Promise<string> => {
      const target = `${book.path('services/book-frontend')}/proxy/guestbook?${query}`
      const { code, bytes } = await book.door.ask('GET', target, { accept: '*/*' })
      return code === 200 ? Buffer.from(bytes).toString() : ''
    }
    await until('an entry', async () => (await ask('cmd=set&key=messages&value=TestEntry')) === 'written')
    await until('the entry, at each of four times', async () => {
      const read = await Promise.all([1, 2, 3, 4].map(() => ask('cmd=get&key=messages')))
      return read.every((text) => text === 'TestEntry')
    })
    const names = ['book-primary', 'book-replica', 'book-frontend']
    await book.kubectl.run(['delete', ...names.flatMap((name) => [`deployment/${name}`, `service/${name}`])])
  })
}

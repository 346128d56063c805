/** How containers start, are asked how they are, end, and what their pod tells of that. */
import { expect } from 'vitest'
import type { Container, PodSpec, Probe } from '../../../src-main/api/types/core-v1.ts'
import { until } from '../../support/until.ts'
import {
  busybox,
  containerOf,
  isReady,
  shell,
  type CaseBook,
  type CasePod,
  type Live,
} from '../../support/case-book.ts'
import { serverSpec } from './services.ts'

/** Ends at once when it is told to. */
const forever = 'trap "exit 0" TERM; sleep 3600 & wait'

export function lifecycleCases(book: CaseBook): void {
  probes(book)
  restarts(book)
  initContainers(book)
  hooks(book)
  lastWords(book)
  ends(book)
  ephemeral(book)
  generations(book)
  streams(book)
  apiOfPods(book)
}

const restartsOf = (pod: Live): number => containerOf(pod).restartCount

function restarts(book: CaseBook): void {
  // Fails at its first start, succeeds at the second, and goes on at the third.
  const command = `echo x >> /v/starts; case $(wc -l < /v/starts) in 1) exit 1;; 2) exit 0;; esac; ${forever}`
  const make = (restartPolicy: string): Omit<PodSpec, 'containers'> & { containers: Container[] } => ({
    restartPolicy,
    volumes: [{ name: 'v', emptyDir: {} }],
    containers: [shell('main', command, { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
  })
  const [always, onFailure, never] = ['Always', 'OnFailure', 'Never'].map((policy) =>
    book.pod(`restart-${policy.toLowerCase()}`, make(policy)),
  )
  book.story('restarts a container never, after a failure, or always, as its pod wants', async () => {
    const once = await never?.ended()
    expect(once?.status.phase).toBe('Failed')
    expect(restartsOf(once as Live)).toBe(0)
    const twice = await onFailure?.ended()
    expect(twice?.status.phase).toBe('Succeeded')
    expect(restartsOf(twice as Live)).toBe(1)
    const running = await always?.until('running for the third time', (pod) => restartsOf(pod) === 2 && isReady(pod))
    expect(running?.status.phase).toBe('Running')
    expect(containerOf(running as Live).state?.running).toBeDefined()
  })
}

function initContainers(book: CaseBook): void {
  const pod = (restartPolicy: string, init: readonly string[], app: string): PodSpec => ({
    restartPolicy,
    initContainers: init.map((command, index) => shell(`init${index}`, command)),
    containers: [shell('app', app)],
  })
  const initialized = ({ status }: Live): string | undefined =>
    status.conditions?.find(({ type }) => type === 'Initialized')?.status

  const lasting = book.pod('init-always', pod('Always', ['true', 'true'], forever))
  book.story('runs init containers one after the other before the containers of a lasting pod', async () => {
    const live = await lasting.ready()
    expect(initialized(live)).toBe('True')
    expect(live.status.initContainerStatuses?.map(({ ready, state }) => [ready, state?.terminated?.exitCode])).toEqual([
      [true, 0],
      [true, 0],
    ])
    const [first, second] = live.status.initContainerStatuses?.map(({ state }) => state?.terminated) ?? []
    expect(Date.parse(first?.finishedAt ?? '')).toBeLessThanOrEqual(Date.parse(second?.startedAt ?? ''))
  })

  const passing = book.pod('init-never', pod('Never', ['true', 'true'], 'true'))
  book.story('runs init containers once before the containers of a pod that is not to be restarted', async () => {
    const live = await passing.ended()
    expect(live.status.phase).toBe('Succeeded')
    expect(initialized(live)).toBe('True')
    expect(live.status.initContainerStatuses?.every(({ ready, restartCount }) => ready && restartCount === 0)).toBe(
      true,
    )
    expect(containerOf(live, 'app').restartCount).toBe(0)
  })

  const failing = book.pod('init-fails-never', pod('Never', ['true', 'false'], 'true'))
  book.story('starts no container after an init container that failed for good', async () => {
    const live = await failing.ended()
    expect(live.status.phase).toBe('Failed')
    expect(initialized(live)).toBe('False')
    expect(containerOf(live, 'init1').state?.terminated?.exitCode).toBe(1)
    const app = containerOf(live, 'app')
    expect([app.state?.waiting?.reason, app.containerID]).toEqual(['PodInitializing', undefined])
  })

  const retrying = book.pod('init-fails-always', pod('Always', ['false', 'true'], forever))
  book.story('tries a failed init container again and starts nothing meanwhile', async () => {
    const live = await retrying.until('three tries', (one) => containerOf(one, 'init0').restartCount >= 2)
    expect(live.status.phase).toBe('Pending')
    expect(initialized(live)).toBe('False')
    for (const name of ['init1', 'app']) {
      const { state, containerID } = containerOf(live, name)
      expect([state?.waiting?.reason, containerID]).toEqual(['PodInitializing', undefined])
    }
  })
}

function hooks(book: CaseBook): void {
  const names = ['exec-post-start', 'http-post-start', 'exec-pre-stop', 'http-pre-stop']
  // Logs each request.
  const serve = `mkdir /www; cd /www; touch ${names.join(' ')}; exec httpd -f -vv -p 8080`
  const target = book.pod('hook-target', { containers: [shell('main', serve)] })
  book.story('runs what is to be done after the start and before the end of a container', async () => {
    const { status } = await target.until('running', (pod) => containerOf(pod).state?.running !== undefined)
    const host = status.podIP ?? ''
    const ask = (what: string): object => ({ exec: { command: ['wget', '-qO-', `http://${host}:8080/${what}`] } })
    const get = (what: string): object => ({ httpGet: { host, port: 8080, path: `/${what}` } })
    const make = (name: string, lifecycle: object): Promise<unknown> =>
      book.start(name, { terminationGracePeriodSeconds: 15, containers: [shell('main', forever, { lifecycle })] })
    await Promise.all([
      make('exec-post-start', { postStart: ask('exec-post-start') }),
      make('http-post-start', { postStart: get('http-post-start') }),
      make('exec-pre-stop', { preStop: ask('exec-pre-stop') }),
      make('http-pre-stop', { preStop: get('http-pre-stop') }),
    ])
    await Promise.all(names.map((name) => book.casePod(name).ready()))
    const asked = async (): Promise<string[]> =>
      (await target.log()).split('\n').flatMap((line) => /url:\/(\S+)/.exec(line)?.[1] ?? [])
    expect((await asked()).sort()).toEqual(['exec-post-start', 'http-post-start'])
    await Promise.all(names.slice(2).map((name) => book.remove(`pods/${name}?gracePeriodSeconds=15`)))
    await until('both to be told of their end', async () => (await asked()).length === 4)
    expect((await asked()).sort()).toEqual(names.toSorted())
    await until('their end', async () => {
      const found = await Promise.all(names.slice(2).map((name) => book.door.ask('GET', book.path(`pods/${name}`))))
      return found.every(({ code }) => code === 404)
    })
  })
}

function lastWords(book: CaseBook): void {
  const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' }
  const rows: [title: string, container: Partial<Container>, command: string, message: string | undefined][] = [
    ['has no last words of a log when it succeeds', fallback, 'echo DONE', undefined],
    ['has the last words of its file when it succeeds', fallback, 'echo -n OK > /dev/termination-log', 'OK'],
    ['has the last words of its log when it fails', fallback, 'echo -n DONE; exit 1', 'DONE'],
    [
      'has the last words of another file and user',
      { terminationMessagePath: '/dev/termination-custom-log', securityContext: { runAsUser: 1000 } },
      'echo -n DONE > /dev/termination-custom-log',
      'DONE',
    ],
  ]
  const pod = book.pod('last-words', {
    restartPolicy: 'Never',
    containers: rows.map(([, rest, command], index) => shell(`c${index}`, command, rest)),
  })
  for (const [index, [title, , , message]] of rows.entries()) {
    book.story(title, async () => {
      expect(containerOf(await pod.ended(), `c${index}`).state?.terminated?.message).toBe(message)
    })
  }
}

function ends(book: CaseBook): void {
  const failing = book.pod('always-fails', { containers: [shell('main', 'exit 1')] })
  book.story('says why a container ended, and deletes its pod', async () => {
    const live = await failing.until('ended', (pod) => {
      const { state, lastState } = containerOf(pod)
      return state?.terminated !== undefined || lastState?.terminated !== undefined
    })
    const { state, lastState } = containerOf(live)
    expect((state?.terminated ?? lastState?.terminated)?.reason).toBe('Error')
    expect((await book.remove('pods/always-fails')).code).toBe(200)
    await until('its end', async () => (await book.door.ask('GET', book.path('pods/always-fails'))).code === 404)
  })

  const logged = book.pod('logged', { restartPolicy: 'Never', containers: [shell('main', 'echo out; echo err >&2')] })
  book.story('has what it says on both channels in its log', async () => {
    await logged.ended()
    expect((await logged.log()).split('\n').sort()).toEqual(['', 'err', 'out'])
  })

  const bounded = book.pod('bounded', { containers: [shell('main', forever)] }, { labels: { time: 'bounded' } })
  book.story('ends a pod at a deadline that it is given while it runs', async () => {
    await bounded.ready()
    const { items } = await book.ask('GET', book.path('pods?labelSelector=time%3Dbounded'))
    expect(items).toHaveLength(1)
    await book.patch(book.path('pods/bounded'), { spec: { activeDeadlineSeconds: 1 } })
    const { status } = await bounded.ended()
    expect([status.phase, status.reason]).toEqual(['Failed', 'DeadlineExceeded'])
  })

  const same = { cpu: '100m', memory: '100Mi' }
  const exact = book.pod('exact', {
    containers: [shell('main', forever, { resources: { limits: same, requests: same } })],
  })
  book.story('has a class of service and the address of its node', async () => {
    const { status } = await exact.ready()
    expect(status.qosClass).toBe('Guaranteed')
    expect(status.hostIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
  })
}

function ephemeral(book: CaseBook): void {
  const pod = book.pod('visited', { containers: [shell('main', forever)] })
  const add = async (name: string): Promise<void> => {
    const path = `${book.path('pods/visited')}/ephemeralcontainers`
    const body = { spec: { ephemeralContainers: [{ ...shell(name, `echo polo-${name}; ${forever}`), stdin: true }] } }
    await book.ask('PATCH', path, body, 'application/strategic-merge-patch+json')
    await pod.until(`visited by ${name}`, (live) =>
      (live.status.ephemeralContainerStatuses ?? []).some(
        (one) => one.name === name && one.state?.running !== undefined,
      ),
    )
  }
  book.story('takes in two ephemeral containers, one after the other', async () => {
    await pod.ready()
    await add('first')
    expect((await pod.get()).spec.ephemeralContainers).toHaveLength(1)
    await until('its words', async () => (await pod.log('first')) === 'polo-first\n')
    await add('second')
    expect((await pod.get()).spec.ephemeralContainers).toHaveLength(2)
  })
}

function generations(book: CaseBook): void {
  const pod = book.pod('generations', {
    activeDeadlineSeconds: 100_000,
    terminationGracePeriodSeconds: 30,
    containers: [shell('main', forever)],
  })
  const seen = (live: Live, generation: number): boolean =>
    live.metadata.generation === generation && live.status.observedGeneration === generation
  book.story('counts the changes of its spec, and says which it has seen', async () => {
    await pod.ready()
    expect((await pod.get()).metadata.generation).toBe(1)
    const added = [{ op: 'add', path: '/spec/tolerations/-', value: { key: 'more', operator: 'Exists' } }]
    const path = book.path('pods/generations')
    await book.ask('PATCH', path, added, 'application/json-patch+json')
    await pod.until('at its second generation', (live) => seen(live, 2))
    await book.patch(path, { metadata: { labels: { a: 'b' } } })
    await book.patch(path, { spec: { activeDeadlineSeconds: 99_999 } })
    await pod.until('at its third generation', (live) => seen(live, 3))
    for (let generation = 4; generation <= 500; generation++)
      await book.patch(path, { spec: { activeDeadlineSeconds: 100_000 - generation } })
    await pod.until('at its five hundredth generation', (live) => seen(live, 500))
    await book.remove('pods/generations')
    const deleted = await pod.get()
    expect([deleted.metadata.generation, deleted.metadata.deletionTimestamp !== undefined]).toEqual([501, true])
  })
}

function streams(book: CaseBook): void {
  const pod = book.pod('streams', { containers: [shell('main', `echo container is alive; ${forever}`)] })
  book.story('runs a command and shows its log over WebSockets', async () => {
    await pod.ready()
    const command = ['echo', 'remote execution test'].map((word) => `command=${encodeURIComponent(word)}`).join('&')
    const exec = `${book.path('pods/streams')}/exec?stdout=1&stderr=1&container=main&${command}`
    const said = await book.channels(exec, 'v4.channel.k8s.io')
    expect(said.get(1)).toBe('remote execution test\n')
    expect(JSON.parse(said.get(3) ?? '')).toMatchObject({ status: 'Success' })
    const log = `${book.path('pods/streams')}/log?container=main`
    expect((await book.messages(log, 'binary.k8s.io')).map(String).join('')).toBe('container is alive\n')
  })
}

/** The pauses before five restarts are 150 seconds together; the official test waits five minutes as well. */
const manyRestartsMs = 300_000

/** Takes minutes, since the pauses between restarts grow: it belongs at the end, when the pod has had its time. */
export function manyRestarts(book: CaseBook): void {
  const serve = 'mkdir -p /www; echo ok > /www/healthz; httpd -p 8080 -h /www'
  const pod = book.pod('falls-again', {
    terminationGracePeriodSeconds: 0,
    containers: [
      shell('main', `${serve}; sleep 4; rm /www/healthz; sleep 600`, {
        livenessProbe: {
          ...{ httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 2 },
          ...{ periodSeconds: 1, failureThreshold: 1 },
        },
      }),
    ],
  })
  const title = 'restarts a container each time that it is found unhealthy, five times at least'
  const story = async (): Promise<void> => {
    const restarted = await pod.until('restarted five times', (found) => restartsOf(found) >= 5, manyRestartsMs)
    expect(containerOf(restarted).lastState?.terminated).toBeDefined()
    const { items } = await book.ask('GET', book.path('events?fieldSelector=involvedObject.name%3Dfalls-again'))
    const unhealthy = (items as { reason: string; message: string; count?: number; series?: { count: number } }[])
      .filter(({ reason, message }) => reason === 'Unhealthy' && message.startsWith('Liveness probe failed'))
      .reduce((sum, { count = 1, series }) => sum + Math.max(count, series?.count ?? 0), 0)
    expect(unhealthy).toBeGreaterThanOrEqual(5)
  }
  book.story(title, story, manyRestartsMs + 10_000)
}

function probes(book: CaseBook): void {
  const often = { periodSeconds: 2, timeoutSeconds: 10 } as const
  const serve = 'mkdir -p /www; echo ok > /www/healthz; httpd -p 8080 -h /www'
  const pod = (name: string, command: string, probe: Partial<Container>): ReturnType<CaseBook['pod']> =>
    book.pod(name, { containers: [shell('main', command, probe)] })
  // The startup probe waits for a server that a busy machine starts late.
  const live = (probe: Probe): Partial<Container> => ({
    startupProbe: { ...often, failureThreshold: 60, ...probe },
    livenessProbe: { ...often, ...probe },
  })
  const http = { httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 1 }
  const tcp = { tcpSocket: { port: 8080 }, initialDelaySeconds: 1 }
  const exec = { exec: { command: ['cat', '/tmp/health'] }, initialDelaySeconds: 1 }
  const fall = `${serve}; sleep 6; rm /www/healthz; sleep 600`

  const steady: Record<string, CasePod> = {
    http: pod('live-http', `${serve}; ${forever}`, live(http)),
    // Its answers turn into errors; its port stays open.
    tcp: pod('live-tcp', fall, live(tcp)),
    exec: pod('live-exec', `echo ok > /tmp/health; ${forever}`, live(exec)),
  }
  const fallen: Record<string, CasePod> = {
    http: pod('dead-http', fall, { livenessProbe: { ...often, ...http } }),
    exec: pod('dead-exec', 'echo ok > /tmp/health; sleep 6; rm /tmp/health; sleep 600', {
      livenessProbe: { ...often, ...exec },
    }),
  }
  const grpc = (name: string, port: number): CasePod => {
    const { containers, ...rest } = serverSpec()
    const wanted = { ...live({ grpc: { port: 5000 } }), livenessProbe: { ...often, grpc: { port } } }
    return book.pod(name, { ...rest, containers: containers.map((one) => ({ ...one, ...wanted })) })
  }
  steady['gRPC'] = grpc('live-grpc', 5000)
  fallen['gRPC'] = grpc('dead-grpc', 2333)
  const delayed = pod('ready-later', `${serve}; ${forever}`, {
    readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 5, periodSeconds: 1 },
  })
  const unready = pod('ready-never', forever, { readinessProbe: { tcpSocket: { port: 9 }, periodSeconds: 1 } })

  for (const [kind, one] of Object.entries(fallen)) {
    book.story(`restarts a container that is found unhealthy by ${kind}`, async () => {
      const restarted = await one.until('restarted', (found) => restartsOf(found) >= 1)
      expect(containerOf(restarted).lastState?.terminated).toBeDefined()
      await until('the event', async () => {
        const { items } = await book.ask('GET', book.path(`events?fieldSelector=involvedObject.name%3D${one.name}`))
        return (items as { reason: string; message: string }[]).some(
          ({ reason, message }) => reason === 'Killing' && message.includes('failed liveness probe, will be restarted'),
        )
      })
    })
  }
  for (const [kind, one] of Object.entries(steady)) {
    book.story(`leaves a container alone that is found healthy by ${kind}`, async () => {
      const { status } = await one.ready()
      const started = Date.parse(status.containerStatuses?.[0]?.state?.running?.startedAt ?? '')
      const now = await until('ten seconds of its life', async () => {
        const found = await one.get()
        return Date.now() - started > 10_000 ? found : undefined
      })
      expect(restartsOf(now)).toBe(0)
    })
  }
  book.story('is ready no sooner than its probe may ask', async () => {
    const { status } = await delayed.ready()
    const since = Date.parse(status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '')
    const started = Date.parse(status.containerStatuses?.[0]?.state?.running?.startedAt ?? '')
    expect(since - started).toBeGreaterThanOrEqual(4000)
    expect(status.containerStatuses?.[0]?.restartCount).toBe(0)
  })
  book.story('is never ready while its probe fails, and not restarted for it', async () => {
    const events = book.path(`events?fieldSelector=involvedObject.name%3Dready-never,reason%3DUnhealthy`)
    await until('three failures', async () => {
      const { items } = await book.ask('GET', events)
      return (items as { count?: number; series?: { count: number } }[]).some(
        ({ count = 0, series }) => Math.max(count, series?.count ?? 0) >= 3,
      )
    })
    const found = await unready.get()
    expect([isReady(found), restartsOf(found)]).toEqual([false, 0])
  })
}

/** What the API does with pods that run. */
function apiOfPods(book: CaseBook): void {
  const image = { name: 'main', image: busybox, command: ['sleep', '3600'] }
  const pod = book.pod('changing', { containers: [image] }, { labels: { name: 'changing', time: 'before' } })
  const find = async (selector: string): Promise<Live[]> => {
    const { items } = await book.ask('GET', book.path(`pods?labelSelector=${encodeURIComponent(selector)}`))
    return items as Live[]
  }
  book.story('is found by a label that was changed', async () => {
    await pod.ready()
    expect(await find('time=before')).toHaveLength(1)
    await book.patch(book.path('pods/changing'), { metadata: { labels: { time: 'after' } } })
    expect((await find('time=after')).map(({ metadata }) => metadata.name)).toEqual(['changing'])
  })

  book.story('lives from its creation over changes of its label, its data and its status to its end', async () => {
    const one = await book.start('whole-life', { containers: [image] }, { labels: { stage: 'static' } })
    await one.ready()
    const path = book.path('pods/whole-life')
    const data = { spec: { activeDeadlineSeconds: 3000 } }
    const patched = await book.patch(path, { metadata: { labels: { stage: 'patched' } }, ...data })
    expect([patched.metadata.labels.stage, patched.spec.activeDeadlineSeconds]).toEqual(['patched', 3000])
    await until('no other writer in between', async () => {
      const live = await book.ask('GET', `${path}/status`)
      const status = { ...live.status, message: 'replaced' }
      return (await book.door.ask('PUT', `${path}/status`, { body: { ...live, status } })).code === 200
    })
    expect(await find('stage=patched')).toHaveLength(1)
    await book.remove('pods/whole-life?gracePeriodSeconds=1')
    await until('its end', async () => (await book.door.ask('GET', path)).code === 404)
  })

  book.story('has its status patched and replaced', async () => {
    const path = `${book.path('pods/changing')}/status`
    const conditions = [{ type: 'TestCondition', status: 'True', message: 'patched by a test' }]
    await book.ask('PATCH', path, { status: { conditions } }, 'application/strategic-merge-patch+json')
    const patched = await book.ask('GET', path)
    expect(patched.status.conditions).toContainEqual(expect.objectContaining(conditions[0]))
    await until('no other writer in between', async () => {
      const live = await book.ask('GET', path)
      live.status.conditions = live.status.conditions.map((one: object & { type: string }) =>
        one.type === 'TestCondition' ? { ...one, message: 'replaced by a test' } : one,
      )
      return (await book.door.ask('PUT', path, { body: live })).code === 200
    })
    const replaced = (await book.ask('GET', path)).status.conditions as { type: string; message: string }[]
    expect(replaced.find(({ type }) => type === 'TestCondition')?.message).toBe('replaced by a test')
  })

  book.story('tells a watcher of its whole life', async () => {
    const watch = `${book.path('pods')}?watch=1&labelSelector=life%3Dtold`
    const { chunks, close } = await book.door.watch(watch, 'application/json')
    const told: { type: string; object: Live }[] = []
    const reading = (async () => {
      let rest = ''
      for await (const chunk of chunks) {
        const lines = (rest + Buffer.from(chunk).toString()).split('\n')
        rest = lines.pop() ?? ''
        told.push(...lines.map((line) => JSON.parse(line) as { type: string; object: Live }))
      }
    })()
    const one = await book.start('watched', { containers: [image] }, { labels: { life: 'told' } })
    await one.ready()
    expect(await find('life=told')).toHaveLength(1)
    await book.remove('pods/watched?gracePeriodSeconds=2')
    await until('its end', async () => told.at(-1)?.type === 'DELETED')
    close()
    await reading
    expect(told[0]?.type).toBe('ADDED')
    expect(told.some(({ object }) => object.status.phase === 'Running')).toBe(true)
    expect(
      told.some(({ type, object }) => type === 'MODIFIED' && object.metadata.deletionTimestamp !== undefined),
    ).toBe(true)
    expect(await find('life=told')).toEqual([])
  })

  const set = ['set-1', 'set-2', 'set-3']
  for (const name of set) book.pod(name, { containers: [image] }, { labels: { type: 'set' } })
  book.story('goes with all others of its label', async () => {
    await Promise.all(set.map((name) => book.casePod(name).ready()))
    expect(await find('type=set')).toHaveLength(3)
    await book.ask('DELETE', book.path('pods?labelSelector=type%3Dset&gracePeriodSeconds=1'))
    await until('their end', async () => (await find('type=set')).length === 0)
  })
}

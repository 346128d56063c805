/** The headless face: the same cluster without Electron, for servers, scripts, tests and a browser as the window. */
import { join } from 'node:path'
import { lease } from './api/kinds/coordination/lease.ts'
import { node } from './api/kinds/core/node.ts'
import { lab } from './api/kinds/lab/lab.ts'
import { machine } from './api/kinds/lab/machine.ts'
import type { Live } from './api/meta/object.ts'
import { isConditionTrue } from './api/meta/conditions.ts'
import type { Node } from './api/types/core-v1.ts'
import { startApp, type App } from './app.ts'
import { createInformers, type Informers } from './client/informers.ts'
import { dataFolder } from './lab/lab-folder.ts'
import { labName } from './lab/lab-wish.ts'
import { DisposableStack } from './lib/disposable.ts'
import { createLog, describeError, type Log } from './lib/log.ts'
import { systemRandom } from './lib/random.ts'
import { systemClock } from './lib/system-clock.ts'
import { parseArguments, UsageError, type ServeArguments } from './serve/arguments.ts'
import { LabProgress } from './serve/lab-progress.ts'
import { isLogLevel, logLines } from './serve/log-lines.ts'
import { jsonReporter, textReporter, type Reporter } from './serve/reporter.ts'

const clock = systemClock
const toStdout = (line: string): void => void process.stdout.write(`${line}\n`)
const toStderr = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(): Promise<void> {
  const wish = parseArguments(process.argv.slice(2).filter((word) => word !== '--'))
  const reporter = wish.output === 'json' ? jsonReporter(toStdout) : textReporter(toStdout)
  const startedAt = clock.now()
  const level = process.env['ORRERY_LOG']
  const log = createLog('orrery', clock.now, logLines(isLogLevel(level) ? level : 'error', toStderr))
  try {
    const app = await startApp({
      home: dataFolder(process.env),
      uiFolder: join(import.meta.dirname, '../renderer'),
      resourcesFolder: join(import.meta.dirname, '../../resources'),
      storeThread: join(import.meta.dirname, 'store-thread.js'),
      log,
      apiPort: wish.apiPort,
      uiPort: wish.uiPort,
      lab: wish.lab,
      etcd: wish.etcd,
      audit: wish.audit,
      startLab: !wish.idle,
      notice: (text) => reporter.notice(text),
    })
    endWith(app)
    await follow(app, wish, reporter, log, startedAt)
  } catch (error) {
    reporter.failed(describeError(error))
    process.exitCode = 1
  }
}

/** Reports the machines' steps for as long as the app runs, and once that the lab is usable. */
async function follow(app: App, wish: ServeArguments, reporter: Reporter, log: Log, startedAt: number): Promise<void> {
  const informers = createInformers(app.client, { clock, random: systemRandom, log })
  const progress = new LabProgress(startedAt)
  const machines = informers.of(machine)
  const report = (object: Live<Parameters<LabProgress['reportsOf']>[0]>): void => {
    for (const step of progress.reportsOf(object)) reporter.step(step)
    for (const notice of progress.noticesOf(object)) reporter.notice(notice)
  }
  machines.on({ added: report, updated: (_previous, object) => report(object) })
  const nodes = informers.of(node)
  informers.of(lab)
  informers.of(lease, { namespace: 'kube-node-lease' })
  informers.start()
  await informers.synced()
  if (!wish.idle) await allNodesReady(informers, startedAt)
  reporter.ready({ kubeconfig: app.kubeconfig, ui: app.uiUrl, nodes: nodeTable(nodes.lister.list()) })
}

/** Resolves when every worker that the lab asks for has a Ready node whose kubelet has answered since `sinceUnixMs`. */
function allNodesReady(informers: Informers, sinceUnixMs: number): Promise<void> {
  const labs = informers.of(lab)
  const nodes = informers.of(node)
  const leases = informers.of(lease, { namespace: 'kube-node-lease' })
  const isReady = ({ metadata, status }: Live<Node>): boolean =>
    isConditionTrue(status?.conditions, 'Ready') &&
    Date.parse(leases.lister.get('kube-node-lease', metadata.name)?.spec?.renewTime ?? '') >= sinceUnixMs
  return new Promise((resolve) => {
    const looking = new DisposableStack()
    const look = (): void => {
      const wanted = labs.lister.get(undefined, labName)?.spec?.workers
      if (wanted === undefined || nodes.lister.list().filter(isReady).length < wanted) return
      void looking.dispose()
      resolve()
    }
    const handlers = { added: look, updated: look, deleted: look }
    looking.use(labs.on(handlers))
    looking.use(nodes.on(handlers))
    looking.use(leases.on(handlers))
  })
}

function nodeTable(nodes: readonly Live<Node>[]): string[][] {
  const rows = nodes.map(({ metadata, status }) => [
    metadata.name,
    isConditionTrue(status?.conditions ?? [], 'Ready') ? 'Ready' : 'NotReady',
    status?.nodeInfo?.kubeletVersion ?? '',
    status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
    status?.nodeInfo?.containerRuntimeVersion ?? '',
  ])
  return [['NAME', 'STATUS', 'VERSION', 'INTERNAL-IP', 'CONTAINER-RUNTIME'], ...rows.sort()]
}

/** A signal, or the death of the process that started this one, ends the app; pods keep running. */
function endWith(app: App): void {
  let ending = false
  const end = (code: number): void => {
    if (ending) process.exit(code)
    ending = true
    Promise.resolve(app.dispose()).then(
      () => process.exit(code),
      (error: unknown) => {
        toStderr(describeError(error))
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', () => end(0))
  process.on('SIGTERM', () => end(0))
  process.on('SIGHUP', () => end(0))
  watchParent(() => end(0))
}

/** `npm start` may be killed without a word; only when it started us does its end concern us. */
function watchParent(ended: () => void): void {
  const parent = process.ppid
  if (process.env['ORRERY_PARENT'] !== String(parent)) return
  const look = (): void => {
    if (process.ppid === parent) clock.after(500, look)
    else ended()
  }
  clock.after(500, look)
}

main().catch((error: unknown) => {
  toStderr(error instanceof UsageError ? error.message : describeError(error))
  process.exit(error instanceof UsageError ? 2 : 1)
})

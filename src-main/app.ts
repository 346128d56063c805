/**
 * Orrery as a running program: the data folder, the store, the cluster and its addresses. Electron's thread and the
 * headless face start the same app.
 */
import { readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { hostname } from 'node:os'
import { openAuditLog } from './apiserver/audit/log-file.ts'
import { parseAuditPolicy } from './apiserver/audit/policy.ts'
import type { AuditOptions } from './apiserver/chain.ts'
import { ListenError } from './apiserver/listen.ts'
import { listenLoopback } from './apiserver/loopback.ts'
import { listenTls } from './apiserver/server.ts'
import type { Client } from './client/client.ts'
import { addressesOf } from './cluster/addresses.ts'
import { buildInfo } from './build-info.ts'
import { startCluster } from './cluster.ts'
import { Recorder } from './glass/recorder.ts'
import { listenControl } from './lab/control.ts'
import { writeKubeconfig } from './lab/kubeconfig.ts'
import { openLabFolder, routedNetworks, type LabFolder } from './lab/lab-folder.ts'
import { etcdPlaceOf, openLabStore } from './lab/lab-store.ts'
import { ensureLab, labName, type LabWish } from './lab/lab-wish.ts'
import { openPki } from './lab/pki.ts'
import { keepRevisionNote } from './lab/revision-note.ts'
import { isAlive, newToken, readRunFile, removeRunFile, writeRunFile } from './lab/run-file.ts'
import { DisposableStack, type Disposable } from './lib/disposable.ts'
import type { Log } from './lib/log.ts'
import { systemRandom } from './lib/random.ts'
import { systemClock } from './lib/system-clock.ts'
import { bundledImages, type BundledImage } from './machines/images.ts'
import { bestProvider, createProviders } from './machines/providers.ts'
import { startCompactor } from './store/compactor.ts'
import type { EtcdPlace } from './store/etcd.ts'

export type { LabWish }

/** What is absent is as the lab's folder says, or has its default. */
export interface AuditWish {
  readonly policyFile?: string | undefined
  readonly logFile?: string | undefined
  readonly maxBytes?: number | undefined
  readonly maxBackups?: number | undefined
}

export interface AppOptions {
  readonly home: string
  readonly uiFolder: string
  /** `resources/` of the repository, or of the installed app. */
  readonly resourcesFolder: string
  /** The file of the store's own thread; absent: the store is written by the thread of the app. */
  readonly storeThread?: string
  readonly log: Log
  /** Absent: the default port, or a free one when that is taken. */
  readonly apiPort?: number | undefined
  readonly uiPort?: number | undefined
  readonly lab?: LabWish
  /** Keep a new lab in etcd; several apps on the same data folder are then servers of the same cluster. */
  readonly etcd?: EtcdPlace | undefined
  readonly audit?: AuditWish
  /** Bring the lab up; absent: a lab that was up comes up again, a new one waits to be started. */
  readonly startLab?: boolean
  readonly notice?: (text: string) => void
}

export interface App extends Disposable {
  /** With the token: for the first visit. */
  readonly uiUrl: string
  readonly apiUrl: string
  readonly kubeconfig: string
  readonly client: Client
}

export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code = 'AlreadyRunning'
}

const defaultApiPort = 6443
const defaultUiPort = 6480
/** How long another app may take to end, after it was killed or asked to. */
const patienceMs = 10_000

/** Resolves when the API and the interface answer; the lab comes up behind it. */
export async function startApp(options: AppOptions): Promise<App> {
  const parts = new DisposableStack()
  try {
    return await start(options, parts)
  } catch (error) {
    await parts.dispose()
    throw error
  }
}

async function start(options: AppOptions, parts: DisposableStack): Promise<App> {
  const { log, notice = () => undefined } = options
  const clock = systemClock
  const random = systemRandom
  const folder = await openLabFolder(options.home, labName, { clock, random }, await hostNetworks())
  const place = await etcdPlaceOf(folder, options.etcd)
  // Of a file only one process may be the server; on etcd several are.
  const shared = place === undefined ? undefined : process.pid
  if (shared === undefined) await waitForOtherApp(folder, notice)
  const addresses = addressesOf(folder.networks)
  const { store, warning } = await openLabStore(folder, place, { clock, random, storeThread: options.storeThread })
  parts.use(store)
  if (warning !== undefined) notice(warning)
  // From here on the lab is ours: `down` must end this process before it removes anything.
  await writeRunFile(folder.path, { pid: process.pid }, shared)
  parts.defer(() => removeRunFile(folder.path, shared))
  parts.use(startCompactor({ store, clock, log: log.named('store') }))
  if (shared === undefined) parts.use(keepRevisionNote({ store, labPath: folder.path, clock, log: log.named('store') }))
  const pki = await openPki({
    folder: folder.pkiFolder,
    lab: folder.name,
    clock,
    random,
    log: log.named('pki'),
    serviceAddress: addresses.kubernetes,
  })
  const audit = await openAudit(folder.path, options.audit ?? {}, parts, notice)
  const recorder = new Recorder(clock)
  let apiPort = 0
  const urlOf = (port: number): string | undefined => (port === 0 ? undefined : `https://127.0.0.1:${port}`)
  const { resourcesFolder } = options
  const providers = createProviders(
    { labFolder: folder.path, labId: folder.id, networks: folder.networks },
    { clock, random, log: log.named('machines'), resourcesFolder },
  )
  const cluster = parts.use(
    await startCluster({
      store,
      clock,
      random,
      log,
      recorder,
      networks: folder.networks,
      caCertificate: pki.ca,
      serviceAccountKeys: pki.serviceAccount,
      extension: { clientCa: pki.ca, requestHeaderCa: pki.frontProxy.ca, proxyClient: pki.frontProxy.client },
      ...(shared === undefined ? {} : { candidate: { name: `${hostname()}_${shared}`, url: () => urlOf(apiPort) } }),
      signCertificate: pki.sign,
      ...(buildInfo === undefined ? {} : { build: buildInfo }),
      ...(audit === undefined ? {} : { audit }),
      providers,
      images: bundled(resourcesFolder),
      schedulerPlugins: folder.schedulerPlugins,
      connectToApi: () => connect(apiPort, '127.0.0.1'),
      onWriteHealth: (refusal) =>
        notice(
          refusal === undefined
            ? 'the store takes writes again'
            : `the store refuses writes, nothing acknowledged is lost: ${refusal}`,
        ),
    }),
  )

  const listenApi = (port: number) =>
    listenTls({
      handler: cluster.handler,
      host: '127.0.0.1',
      port,
      pki,
      log: log.named('apiserver'),
      clock,
      metrics: cluster.metrics,
    })
  const api = parts.use(await onPort(options.apiPort, defaultApiPort, notice, listenApi))
  apiPort = api.port
  const token = newToken()
  const listenUi = (port: number) =>
    listenLoopback({
      handler: cluster.handler,
      host: '127.0.0.1',
      port,
      uiFolder: options.uiFolder,
      token,
      user: { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
      log: log.named('ui'),
      clock,
    })
  const ui = parts.use(await onPort(options.uiPort, defaultUiPort, notice, listenUi))
  const uiUrl = `${ui.url}/?token=${token}`
  const kubeconfig = shared === undefined ? folder.kubeconfigFile : `${folder.kubeconfigFile}-${shared}`
  await writeKubeconfig(kubeconfig, { lab: folder.name, server: api.url, ca: pki.ca, client: pki.admin })
  if (shared !== undefined) parts.defer(() => rm(kubeconfig, { force: true }))
  const snapshot = async (path: string): Promise<number> => {
    await store.snapshot(path)
    return store.revision
  }
  const { port, token: controlToken } = parts.use(await listenControl(newToken(), { snapshot }))
  await writeRunFile(folder.path, { pid: process.pid, uiUrl, control: { port, token: controlToken } }, shared)
  const best = async (): Promise<string> => {
    const { provider, passedOver } = await bestProvider(providers)
    for (const { name, reason, remedy } of passedOver) notice(`no ${name} workers here: ${reason}. ${remedy}`)
    if (passedOver.length > 0) notice(`taking ${provider.name} workers instead`)
    return provider.name
  }
  await ensureLab(cluster.client, options.lab ?? {}, best, options.startLab === true ? 'On' : undefined)
  return {
    uiUrl,
    apiUrl: api.url,
    kubeconfig,
    client: cluster.client,
    dispose: () => parts.dispose(),
  }
}

/**
 * A policy file switches the audit log on; absent, `audit-policy.yaml` in the lab's folder does. Unless it has a place of
 * its own, the log is written to `audit.log` in the lab's folder. Rejects for a policy that is wrong or cannot be read.
 */
async function openAudit(
  folder: string,
  { policyFile, logFile = join(folder, 'audit.log'), maxBytes, maxBackups }: AuditWish,
  parts: DisposableStack,
  notice: (text: string) => void,
): Promise<AuditOptions | undefined> {
  let text: string
  try {
    text = await readFile(policyFile ?? join(folder, 'audit-policy.yaml'), 'utf8')
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isAbsent && policyFile === undefined) return undefined
    throw error
  }
  const policy = parseAuditPolicy(text)
  const failed = (error: Error): void => notice(`the audit log cannot be written: ${error.message}`)
  const rotation = {
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxBackups === undefined ? {} : { maxBackups }),
  }
  const { sink } = parts.use(openAuditLog({ path: logFile, failed, ...rotation }))
  return { policy, sink }
}

/** Made once, on the first worker that asks: reading and packing busybox takes a while. */
function bundled(resourcesFolder: string): () => Promise<readonly BundledImage[]> {
  let made: Promise<readonly BundledImage[]> | undefined
  return () => (made ??= bundledImages({ busyboxPath: '/bin/busybox', resourcesFolder }))
}

/** Another app on this folder may be ending right now; one that stays is an error that says where it is. */
async function waitForOtherApp(folder: LabFolder, notice: (text: string) => void): Promise<void> {
  const running = await readRunFile(folder.path)
  if (running === undefined || running.pid === process.pid) return
  notice(`another Orrery (process ${running.pid}) has this lab: waiting for it to end`)
  const deadline = systemClock.monotonic() + patienceMs
  while (isAlive(running.pid)) {
    if (systemClock.monotonic() > deadline) {
      const where = running.uiUrl === undefined ? 'it is starting' : `its interface is at ${running.uiUrl}`
      throw new AppError(`Orrery runs already (process ${running.pid}); ${where}`)
    }
    await systemClock.sleep(50)
  }
}

/** An asked port is taken or the start fails; the usual one gives way to a free one. */
async function onPort<T>(
  asked: number | undefined,
  usual: number,
  notice: (text: string) => void,
  listen: (port: number) => Promise<T>,
): Promise<T> {
  if (asked !== undefined) return listen(asked)
  try {
    return await listen(usual)
  } catch (error) {
    if (!(error instanceof ListenError) || error.code !== 'PortInUse') throw error
    notice(`port ${usual} is in use by another program: taking a free one`)
    return listen(0)
  }
}

async function hostNetworks(): Promise<string[]> {
  try {
    return routedNetworks(await readFile('/proc/net/route', 'utf8'))
  } catch {
    // Only Linux has this table, and only there do workers get a network on this host.
    return []
  }
}

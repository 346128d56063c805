/** The real app in the test's process, by default with simulated workers: store, API server, controllers, scheduler, kubelets. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApp, type App } from '../../../src-main/app.ts'
import { silentLog } from '../../../src-main/lib/log.ts'
import { systemRandom } from '../../../src-main/lib/random.ts'
import { systemClock } from '../../../src-main/lib/system-clock.ts'
import { createSandboxProvider } from '../../../src-main/machines/providers/sandbox/provider.ts'
import { removeLab } from '../../support/orrery-process.ts'

const root = join(import.meta.dirname, '../../..')

export interface LabApp {
  readonly app: App
  /** Ends the app, as a crash of the server would look to the browser; `dispose` does it too. */
  stop(): Promise<void>
  dispose(): Promise<void>
}

/** A lab that is off. */
export async function startLabApp(
  workers: number,
  provider: 'simulated' | 'sandbox' = 'simulated',
  homeOf: () => Promise<string> = () => mkdtemp(join(tmpdir(), 'orrery-ui-')),
): Promise<LabApp> {
  const uiFolder = join(root, 'out/renderer')
  if (!existsSync(join(uiFolder, 'index.html'))) throw new Error(`no built interface in ${uiFolder}: npm run build`)
  const home = await homeOf()
  const app = await startApp({
    ...{ home, uiFolder, resourcesFolder: join(root, 'resources'), log: silentLog },
    ...{ apiPort: 0, uiPort: 0, lab: { provider, workers } },
  })
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => (stopped ??= Promise.resolve(app.dispose()))
  return {
    app,
    stop,
    dispose: async () => {
      await stop()
      if (provider === 'sandbox') removeLab(home)
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Why this host can have no sandbox workers; undefined when it can. */
export async function sandboxMissing(): Promise<string | undefined> {
  const labFolder = await mkdtemp(join(tmpdir(), 'orrery-ui-try-'))
  const networks = { machines: '10.29.9.0/24', pods: '10.244.0.0/16', services: '10.96.0.0/16' }
  const provider = createSandboxProvider(
    { labFolder, labId: systemRandom.suffix(5), networks },
    { clock: systemClock, random: systemRandom, log: silentLog, resourcesFolder: join(root, 'resources') },
  )
  try {
    const answer = await provider.available()
    return answer.available ? undefined : answer.reason
  } finally {
    await rm(labFolder, { recursive: true, force: true })
  }
}

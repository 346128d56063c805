/** The real app in the test's process with simulated workers: store, API server, controllers, scheduler, kubelets. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApp, type App } from '../../../src-main/app.ts'
import { silentLog } from '../../../src-main/lib/log.ts'

const root = join(import.meta.dirname, '../../..')

export interface LabApp {
  readonly app: App
  /** Ends the app, as a crash of the server would look to the browser; `dispose` does it too. */
  stop(): Promise<void>
  dispose(): Promise<void>
}

/** A lab that is off. */
export async function startLabApp(workers: number): Promise<LabApp> {
  const uiFolder = join(root, 'out/renderer')
  if (!existsSync(join(uiFolder, 'index.html'))) throw new Error(`no built interface in ${uiFolder}: npm run build`)
  const home = await mkdtemp(join(tmpdir(), 'orrery-ui-'))
  const app = await startApp({
    ...{ home, uiFolder, resourcesFolder: join(root, 'resources'), log: silentLog },
    ...{ apiPort: 0, uiPort: 0, lab: { provider: 'simulated', workers } },
  })
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => (stopped ??= Promise.resolve(app.dispose()))
  return {
    app,
    stop,
    dispose: async () => {
      await stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** The Electron entry: one instance, the cluster's thread, a window on its address. */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { app, BrowserWindow, dialog } from 'electron'
import { dataFolder } from '../lab/lab-folder.ts'
import { registerIpc } from './ipc-handlers.ts'
import { setMenu } from './menu.ts'
import { stopOrder, type ThreadInput, type ThreadMessage } from './thread-messages.ts'
import { openWindow } from './window.ts'

interface RunningCluster {
  readonly uiUrl: string
  stop(): Promise<void>
}

function startThread(input: ThreadInput): Promise<RunningCluster> {
  const thread = new Worker(join(import.meta.dirname, 'cluster-thread.js'), { workerData: input })
  return new Promise((resolve, reject) => {
    thread.once('error', reject)
    thread.on('message', (message: ThreadMessage) => {
      if (message.type === 'failed') reject(new Error(message.message))
      if (message.type === 'ready') resolve({ uiUrl: message.uiUrl, stop: () => stopThread(thread) })
    })
  })
}

/** Pods keep running on their workers; only the app's side ends. */
function stopThread(thread: Worker): Promise<void> {
  return new Promise((resolve) => {
    thread.on('message', (message: ThreadMessage) => {
      if (message.type === 'stopped') void thread.terminate().then(() => resolve())
    })
    thread.once('exit', () => resolve())
    thread.postMessage(stopOrder)
  })
}

async function run(): Promise<void> {
  await app.whenReady()
  setMenu(process.platform)
  const cluster = await startThread({
    home: dataFolder(process.env),
    uiFolder: join(import.meta.dirname, '../renderer'),
  })
  registerIpc(new URL(cluster.uiUrl).origin)
  openWindow(cluster.uiUrl)
  app.on('second-instance', () => BrowserWindow.getAllWindows()[0]?.focus())
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) openWindow(cluster.uiUrl)
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  let stopped = false
  app.on('before-quit', (event) => {
    if (stopped) return
    event.preventDefault()
    void cluster.stop().finally(() => {
      stopped = true
      app.quit()
    })
  })
}

if (!app.requestSingleInstanceLock()) app.quit()
else {
  run().catch((error: unknown) => {
    dialog.showErrorBox('Orrery could not start', error instanceof Error ? error.message : String(error))
    app.exit(1)
  })
}

/** The cluster in a thread of its own, so that neither a garbage collection nor a breakpoint freezes the window. */
import { parentPort, workerData } from 'node:worker_threads'
import { join } from 'node:path'
import { startApp } from '../app.ts'
import { createLog, describeError } from '../lib/log.ts'
import { systemClock } from '../lib/system-clock.ts'
import { logLines } from '../serve/log-lines.ts'
import { stopOrder, type ThreadInput, type ThreadMessage } from './thread-messages.ts'

const port = parentPort
if (port === null) throw new Error('cluster-thread.ts runs as a worker thread only')
const say = (message: ThreadMessage): void => port.postMessage(message)

const { home, uiFolder } = workerData as ThreadInput
try {
  const app = await startApp({
    home,
    uiFolder,
    resourcesFolder: join(import.meta.dirname, '../../resources'),
    storeThread: join(import.meta.dirname, 'store-thread.js'),
    log: createLog(
      'orrery',
      systemClock.now,
      logLines('warn', (line) => void process.stderr.write(`${line}\n`)),
    ),
  })
  port.on('message', (order: unknown) => {
    if (order !== stopOrder) return
    void Promise.resolve(app.dispose()).finally(() => say({ type: 'stopped' }))
  })
  say({ type: 'ready', uiUrl: app.uiUrl })
} catch (error) {
  say({ type: 'failed', message: describeError(error) })
}

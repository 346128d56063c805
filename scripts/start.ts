/** `npm start`: sets up what is missing, builds, and opens the app; without a display or an Electron runtime, headless. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuild } from './setup/build.ts'
import { ensurePackages } from './setup/debian-packages.ts'
import { electronBinary, hasDisplay } from './setup/electron-runtime.ts'
import { createProgress, type Progress } from './setup/progress.ts'
import { run } from './setup/run.ts'

const root = join(import.meta.dirname, '..')

/** The Electron binary to use, fetched first where a window could be shown and it is missing. */
async function electronForWindow(progress: Progress): Promise<string | undefined> {
  if (!hasDisplay()) {
    progress.notice('no display here: the interface is served to a browser')
    return undefined
  }
  const installed = electronBinary(root)
  if (installed !== undefined) return installed
  try {
    await progress.step('Fetch the Electron runtime', () =>
      run(process.execPath, [join(root, 'node_modules/electron/install.js')]),
    )
  } catch {
    progress.notice('no Electron runtime can be had here: the interface is served to a browser')
  }
  return electronBinary(root)
}

const words = process.argv.slice(2)
const json = words.join(' ').includes('--output json') || words.includes('--output=json')
const progress = createProgress(json)
try {
  await ensurePackages(progress)
  await ensureBuild(root, progress)
} catch {
  // The failed step has been reported with its cause.
  process.exit(1)
}
const electron = words.includes('--headless') ? undefined : await electronForWindow(progress)
if (electron === undefined) {
  // In this very process, so that nothing stands between a signal and the app.
  await import(pathToFileURL(join(root, 'out/main/serve.js')).href)
} else {
  const child = spawn(electron, [root], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}

/**
 * `npm run dev`: Electron with hot reload where it can run; elsewhere the built interface for a browser, on the API of a
 * headless app that this command starts.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuild } from './setup/build.ts'
import { ensurePackages } from './setup/debian-packages.ts'
import { electronBinary, hasDisplay } from './setup/electron-runtime.ts'
import { createProgress } from './setup/progress.ts'

const root = join(import.meta.dirname, '..')
const progress = createProgress(false)
await ensurePackages(progress)

function start(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 1))
}

const electronVite = 'node_modules/electron-vite/bin/electron-vite.js'
if (hasDisplay() && electronBinary(root) !== undefined) start(electronVite, ['dev'])
else {
  await ensureBuild(root, progress)
  progress.notice('no window here: open the address that follows; "npm run dev" again builds anew')
  start('out/main/serve.js', ['--idle', ...process.argv.slice(2)])
}

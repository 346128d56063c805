/** `npm run down`: removes the lab and leaves nothing behind. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuild } from './setup/build.ts'
import { createProgress } from './setup/progress.ts'

const root = join(import.meta.dirname, '..')
await ensureBuild(root, createProgress(false))
const { status } = spawnSync(process.execPath, [join(root, 'out/main/cli.js'), 'down', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exit(status ?? 1)

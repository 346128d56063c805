/** `npm run bench`: builds what is measured, then measures. */
import { join } from 'node:path'
import { ensureBuild } from './setup/build.ts'
import { ensurePackages, loadPackages } from './setup/debian-packages.ts'
import { createProgress } from './setup/progress.ts'

const progress = createProgress(false)
await ensurePackages(progress)
await ensurePackages(progress, loadPackages, 'figures of creates')
await ensureBuild(join(import.meta.dirname, '..'), progress)
await import('../test/bench/bench.ts')
await import('../test/bench/scheduler.ts')

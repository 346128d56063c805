/** `npm run bench [name…]`: builds what is measured, then measures; without a name everything. */
import { join } from 'node:path'
import { ensureBuild } from './setup/build.ts'
import { ensurePackages, loadPackages } from './setup/debian-packages.ts'
import { createProgress } from './setup/progress.ts'

/** Each writes `test/bench/results/<name>.json`. */
const benches: Readonly<Record<string, () => Promise<unknown>>> = {
  lab: () => import('../test/bench/bench.ts'),
  lists: () => import('../test/bench/lists.ts'),
  watches: () => import('../test/bench/watches.ts'),
  stores: () => import('../test/bench/stores.ts'),
  scheduler: () => import('../test/bench/scheduler.ts'),
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  console.error(`no bench is named ${unknown.join(', ')}: there are ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}
const progress = createProgress(false)
await ensurePackages(progress)
await ensurePackages(progress, loadPackages, 'figures of creates')
await ensureBuild(join(import.meta.dirname, '..'), progress)
for (const [name, run] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.log(`\n${name}`)
  await run()
}

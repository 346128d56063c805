/** Type-checks every layer with its own compiler settings, and that the generated types match the schema data. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const tsc = 'typescript/bin/tsc'
const projects: readonly (readonly [compiler: string, project: string])[] = [
  [tsc, 'src-main/lib'],
  [tsc, 'src-main/api'],
  [tsc, 'src-main/client'],
  [tsc, 'src-main/glass'],
  [tsc, 'src-main'],
  [tsc, 'test'],
  ['vue-tsc/bin/vue-tsc.js', 'src-renderer'],
]

let failed = false
const node = (args: readonly string[]): void => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) failed = true
}
for (const [compiler, project] of projects) node([join('node_modules', compiler), '-p', project])
node(['scripts/generate-types.ts', '--check'])
if (failed) process.exitCode = 1

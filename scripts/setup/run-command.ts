/** Runs a command of the built app with the words that follow the verb, in the folder that the user stands in. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuild } from './build.ts'
import { createProgress } from './progress.ts'

const root = join(import.meta.dirname, '../..')

export async function runCommand(name: string): Promise<never> {
  await ensureBuild(root, createProgress(false))
  const { status } = spawnSync(process.execPath, [join(root, 'out/main/cli.js'), name, ...process.argv.slice(2)], {
    // npm moves to the package's folder, and names the user's.
    cwd: process.env['INIT_CWD'] ?? process.cwd(),
    stdio: 'inherit',
  })
  process.exit(status ?? 1)
}

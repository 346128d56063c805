import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.ts'
import type { Progress } from './progress.ts'

const inputs = ['src-main', 'src-renderer', 'electron.vite.config.ts', 'package-lock.json', 'tsconfig.base.json']

/** A fingerprint of everything that the build reads. */
export function fingerprint(root: string): string {
  const hash = createHash('sha256')
  const visit = (path: string): void => {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name))
    else if (!path.endsWith('.test.ts')) hash.update(path.slice(root.length)).update(readFileSync(path))
  }
  for (const input of inputs) visit(join(root, input))
  return hash.digest('hex')
}

/** Builds the bundles into out/ unless they are up to date. */
export async function ensureBuild(root: string, progress: Progress): Promise<void> {
  const mark = join(root, 'out', '.fingerprint')
  const now = fingerprint(root)
  if (existsSync(mark) && readFileSync(mark, 'utf8') === now) return
  await progress.step('Build', () =>
    run(process.execPath, [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'], {
      cwd: root,
    }),
  )
  mkdirSync(join(root, 'out'), { recursive: true })
  writeFileSync(mark, now)
}

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, '../../vagrant')
const reason =
  spawnSync('vagrant', ['--version']).status === 0 ? undefined : 'the Debian package vagrant is not installed'

describe.skipIf(reason !== undefined)(`the Vagrantfile${reason === undefined ? '' : ` (${reason})`}`, () => {
  let home: string
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'orrery-vagrant-'))
  })
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  const vagrant = (args: string[], environment: Record<string, string> = {}): string =>
    execFileSync('vagrant', args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, VAGRANT_HOME: home, VAGRANT_DOTFILE_PATH: join(home, 'machines'), ...environment },
    })

  it('is valid for every provider', () => {
    expect(vagrant(['validate', '--ignore-provider'])).toContain('validated successfully')
  }, 60_000)

  it('defines as many workers as are asked for', () => {
    const lines = vagrant(['status', '--machine-readable'], { ORRERY_WORKERS: '3' }).split('\n')
    const names = lines.flatMap((line) => (line.split(',')[2] === 'state' ? [line.split(',')[1]] : []))
    expect(names).toEqual(['worker-1', 'worker-2', 'worker-3'])
  }, 60_000)
})

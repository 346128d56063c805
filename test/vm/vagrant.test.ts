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
      stdio: 'pipe',
      env: { ...process.env, VAGRANT_HOME: home, VAGRANT_DOTFILE_PATH: join(home, 'machines'), ...environment },
    })

  it('is valid for every provider', () => {
    expect(vagrant(['validate', '--ignore-provider'])).toContain('validated successfully')
  }, 60_000)

  it('refuses a number of workers that is none', () => {
    expect(() => vagrant(['validate', '--ignore-provider'], { ORRERY_WORKERS: 'three' })).toThrow(/three/)
  }, 60_000)
})

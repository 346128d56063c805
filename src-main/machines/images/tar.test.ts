import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tar } from './tar.ts'

describe('a tar archive', () => {
  it('is understood by tar, with files, folders, links and modes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'orrery-tar-'))
    const archive = tar([
      { path: 'bin', mode: 0o755, folder: true },
      { path: 'bin/program', mode: 0o755, content: Buffer.from('x'.repeat(1000)) },
      { path: 'bin/sh', mode: 0o777, target: 'program' },
      { path: 'tmp', mode: 0o1777, folder: true },
      { path: 'empty', mode: 0o600 },
    ])
    execFileSync('tar', ['-xpf', '-', '-C', folder], { input: archive })
    expect(readFileSync(join(folder, 'bin/sh'), 'utf8')).toBe('x'.repeat(1000))
    expect(readlinkSync(join(folder, 'bin/sh'))).toBe('program')
    expect(statSync(join(folder, 'bin/program')).mode & 0o7777).toBe(0o755)
    expect(statSync(join(folder, 'tmp')).mode & 0o7777).toBe(0o1777)
    expect(statSync(join(folder, 'empty')).size).toBe(0)
    rmSync(folder, { recursive: true })
  })

  it('refuses a path that its header cannot hold', () => {
    expect(() => tar([{ path: 'x'.repeat(101), mode: 0o644 }])).toThrow(RangeError)
  })
})

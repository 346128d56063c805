import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tarArchive } from './tar.ts'

describe('a tar archive', () => {
  it('is understood by tar, with files, folders, links and modes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'orrery-tar-'))
    const archive = tarArchive(
      [
        { path: 'bin', type: 'directory', mode: 0o755 },
        { path: 'bin/program', type: 'file', mode: 0o755, content: Buffer.from('x'.repeat(1000)) },
        { path: 'bin/sh', type: 'link', mode: 0o777, target: 'program' },
        { path: 'tmp', type: 'directory', mode: 0o1777 },
        { path: 'empty', type: 'file', mode: 0o600, content: new Uint8Array() },
      ],
      0,
    )
    execFileSync('tar', ['-xpf', '-', '-C', folder], { input: archive })
    expect(readFileSync(join(folder, 'bin/sh'), 'utf8')).toBe('x'.repeat(1000))
    expect(readlinkSync(join(folder, 'bin/sh'))).toBe('program')
    expect(statSync(join(folder, 'bin/program')).mode & 0o7777).toBe(0o755)
    expect(statSync(join(folder, 'tmp')).mode & 0o7777).toBe(0o1777)
    expect(statSync(join(folder, 'empty')).size).toBe(0)
    rmSync(folder, { recursive: true })
  })
})

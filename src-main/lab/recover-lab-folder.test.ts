import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { labPath } from './lab-folder.ts'
import { recoverLabFolder } from './recover-lab-folder.ts'

let home = ''
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'orrery-recover-'))))
afterEach(() => rmSync(home, { recursive: true, force: true }))

function write(file: string, content: string): void {
  const path = join(labPath(home, 'default'), file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

describe('a lab whose lab.json is damaged', () => {
  it("is known by its workers' key and their addresses", async () => {
    write('lab.json', '')
    write('ssh/id_ed25519.pub', 'ssh-ed25519 AAAAC3 orrery-ab12c\n')
    write('sandbox/worker-1/spec.json', '{"name":"worker-1","address":"10.77.0.11","cpus":2}')
    expect(await recoverLabFolder(home, 'default')).toMatchObject({
      id: 'ab12c',
      name: 'default',
      networks: { machines: '10.77.0.0/24', pods: '10.244.0.0/16', services: '10.96.0.0/16' },
    })
  })

  it('is known by what is left of the file', async () => {
    write('lab.json', '{\n  "id": "ab12c",\n  "na')
    expect((await recoverLabFolder(home, 'default'))?.id).toBe('ab12c')
  })

  it('is not known by an id that no lab can have', async () => {
    write('lab.json', '{"id": "../../etc"}')
    write('ssh/id_ed25519.pub', 'ssh-ed25519 AAAAC3 somebody@somewhere\n')
    expect(await recoverLabFolder(home, 'default')).toBeUndefined()
  })
})

import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { etcFiles, findSecrets, withPlainShell } from './filesystem.ts'

describe("a worker's /etc", () => {
  const files = etcFiles({
    name: 'worker-1',
    address: '10.77.0.11',
    machineId: '0123456789abcdef0123456789abcdef',
    passwd: 'root:x:0:0:root:/root:/usr/bin/fish\nsshd:x:1:1::/run/sshd:/usr/sbin/nologin\n',
    hostKey: { privateKey: 'PRIVATE', publicKey: 'ssh-ed25519 AAAA host' },
    userPublicKey: 'ssh-ed25519 BBBB lab',
    sshdSettings: 'PasswordAuthentication no\n',
    dockerSettings: '{}\n',
  })
  const content = (path: string): string => files.find((file) => file.path === path)?.content ?? ''

  it('names the worker', () => {
    expect(content('hostname')).toBe('worker-1\n')
    expect(content('hosts')).toContain('10.77.0.11 worker-1\n')
  })

  it('lets only the lab in, by its key', () => {
    expect(content('orrery/authorized_keys')).toBe('ssh-ed25519 BBBB lab\n')
    expect(content('orrery/sshd_config')).toMatch(/HostKey \/etc\/orrery\/host_key\n[^]*PasswordAuthentication no\n$/)
    expect(content('shadow')).toBe('root:*:::::::\n')
  })

  it('lets Docker reach registries through the app', () => {
    expect(content('orrery/docker.env')).toContain('HTTPS_PROXY=http://127.0.0.1:10298 ')
  })

  it('keeps keys to root', () => {
    const closed = files.filter(({ mode }) => mode === 0o600).map(({ path }) => path)
    expect(closed).toEqual(['shadow', 'orrery/host_key', 'orrery/authorized_keys', 'orrery/sshd_config'])
  })

  it("changes root's shell and no other", () => {
    expect(content('passwd')).toBe('root:x:0:0:root:/root:/bin/sh\nsshd:x:1:1::/run/sshd:/usr/sbin/nologin\n')
    expect(withPlainShell('a:x:1:1:::/bin/zsh\nroot:x:0:0:::\n')).toBe('a:x:1:1:::/bin/zsh\nroot:x:0:0:::/bin/sh\n')
  })
})

describe('what stays hidden of the host', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orrery-etc-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('is what only root may read there, and its own sshd and Docker settings', async () => {
    for (const name of ['ssh', 'docker', 'ssl', 'ssl/private', 'open']) await mkdir(join(folder, name))
    for (const name of ['shadow', 'ssl/private/key', 'ssl/certificate', 'open/readable', 'open/closed'])
      await writeFile(join(folder, name), '')
    for (const name of ['shadow', 'open/closed']) await chmod(join(folder, name), 0o640)
    await chmod(join(folder, 'ssl/private'), 0o710)
    await symlink('nowhere', join(folder, 'dangling'))
    expect((await findSecrets(folder)).map(({ path }) => path).sort()).toEqual([
      'docker',
      'open/closed',
      'shadow',
      'ssh',
      'ssl/private',
    ])
  })
})

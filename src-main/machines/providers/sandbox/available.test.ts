import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { missingCapabilities, missingPackages } from './available.ts'

describe('what sandbox workers need', () => {
  it.each([
    ['000001ffffffffff', []],
    ['000001fffeffffff', []],
    ['00000000a80425fb', ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN']],
    ['0', ['CAP_NET_ADMIN', 'CAP_SYS_CHROOT', 'CAP_SYS_ADMIN', 'CAP_MKNOD']],
  ])('is compared with the capabilities %s', (effective, missing) => {
    expect(missingCapabilities(`CapPrm:\t0\nCapEff:\t${effective}\n`)).toEqual(missing)
  })

  it('is told by the packages that bring it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orrery-bin-'))
    for (const program of ['dockerd', 'containerd', 'runc', 'ip', 'nsenter', 'unshare', 'mount', 'umount', 'sshd']) {
      await writeFile(join(folder, program), '')
      await chmod(join(folder, program), 0o755)
    }
    await chmod(join(folder, 'sshd'), 0o644)
    expect(await missingPackages([folder])).toEqual([
      'openssh-server',
      'iptables',
      'conntrack',
      'dnsmasq-base',
      'busybox-static',
    ])
    await rm(folder, { recursive: true })
  })
})

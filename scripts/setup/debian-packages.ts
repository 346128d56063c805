import { existsSync } from 'node:fs'
import { run } from './run.ts'
import type { Progress } from './progress.ts'

/** What a sandbox worker and the app need from Debian, and the file by which each package is known to be there. */
const needed: Readonly<Record<string, readonly string[]>> = {
  'docker.io': ['/usr/sbin/dockerd', '/usr/bin/dockerd', '/usr/local/bin/dockerd'],
  iptables: ['/usr/sbin/iptables', '/sbin/iptables'],
  'openssh-server': ['/usr/sbin/sshd'],
  iproute2: ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip'],
  conntrack: ['/usr/sbin/conntrack'],
  'dnsmasq-base': ['/usr/sbin/dnsmasq'],
  'busybox-static': ['/bin/busybox', '/usr/bin/busybox'],
  procps: ['/usr/bin/ps', '/bin/ps'],
  'util-linux': ['/usr/bin/unshare', '/bin/unshare'],
}

/** Only for tests: etcd for its store driver, Chromium for those of the interface, Vagrant to check the Vagrantfile. */
export const storePackages: Readonly<Record<string, readonly string[]>> = { 'etcd-server': ['/usr/bin/etcd'] }
export const interfacePackages: Readonly<Record<string, readonly string[]>> = { chromium: ['/usr/bin/chromium'] }
export const machinePackages: Readonly<Record<string, readonly string[]>> = { vagrant: ['/usr/bin/vagrant'] }

/** Only for figures: a client that costs little itself. */
export const loadPackages: Readonly<Record<string, readonly string[]>> = { 'nghttp2-client': ['/usr/bin/h2load'] }

export function missingPackages(
  packages: Readonly<Record<string, readonly string[]>> = needed,
  exists: (path: string) => boolean = existsSync,
): string[] {
  return Object.entries(packages)
    .filter(([, paths]) => !paths.some(exists))
    .map(([name]) => name)
}

/** Installs what is missing where that is possible; names it and goes on where it is not. */
export async function ensurePackages(progress: Progress, packages = needed, purpose = 'real workers'): Promise<void> {
  if (process.platform !== 'linux') return
  const missing = missingPackages(packages)
  if (missing.length === 0) return
  const list = missing.join(' ')
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    progress.notice(`missing: ${list}. Install them (as root: apt-get install ${list}) for ${purpose}`)
    return
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    await progress.step(`Install Debian packages: ${list}`, async () => {
      await run('apt-get', ['update', '-q'], { env })
      await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env })
    })
  } catch {
    // The step has already said why; what needs none of these packages goes on.
    progress.notice(`without ${list} this host has no ${purpose}`)
  }
}

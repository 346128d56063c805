import { access, mkdtemp, readFile, mkdir, rm, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { describeError } from '../../../lib/log.ts'
import type { Availability } from '../../provider.ts'
import { hostHierarchies, trySharing } from './cgroups.ts'
import { run, searchPath } from './commands.ts'
import type { Sandbox } from './sandbox.ts'

/** What a worker runs, and what makes it; by the Debian packages that bring them. */
const packages: Readonly<Record<string, readonly string[]>> = {
  'docker.io': ['dockerd', 'containerd', 'runc'],
  'openssh-server': ['sshd'],
  iptables: ['iptables', 'iptables-restore'],
  iproute2: ['ip'],
  conntrack: ['conntrack'],
  'dnsmasq-base': ['dnsmasq'],
  'busybox-static': ['busybox'],
  'util-linux': ['nsenter', 'unshare'],
  mount: ['mount', 'umount'],
}

/** Bits of the capabilities that making a worker takes. */
const capabilities: Readonly<Record<string, bigint>> = {
  CAP_NET_ADMIN: 12n,
  CAP_SYS_CHROOT: 18n,
  CAP_SYS_ADMIN: 21n,
  CAP_MKNOD: 27n,
}

export async function checkAvailable(sandbox: Sandbox): Promise<Availability> {
  if (process.platform !== 'linux') return no('sandbox workers need Linux', 'choose another provider')
  if (process.getuid?.() !== 0) return no('sandbox workers need root', 'start Orrery as root')
  const lacking = missingCapabilities(await readFile('/proc/self/status', 'utf8'))
  if (lacking.length > 0)
    return no(
      `this root may not do everything: ${lacking.join(', ')} is missing`,
      'start Orrery outside of the container',
    )
  const absent = await missingPackages()
  if (absent.length > 0)
    return no(`these Debian packages are missing: ${absent.join(', ')}`, `apt-get install ${absent.join(' ')}`)
  const hierarchies = await hostHierarchies()
  if (hierarchies.length === 0) return no('no control groups are mounted', 'mount cgroup2 on /sys/fs/cgroup')
  try {
    await trySharing(hierarchies)
  } catch (error) {
    return no(
      `control groups cannot be shared out here: ${describeError(error)}`,
      'start Orrery outside of the container, or with control groups delegated to it',
    )
  }
  return tryMounts(sandbox)
}

/** The names of capabilities that are not in the effective set of a /proc/PID/status text. */
export function missingCapabilities(status: string): string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  return Object.entries(capabilities).flatMap(([name, bit]) => (((effective >> bit) & 1n) === 1n ? [] : [name]))
}

export async function missingPackages(folders: readonly string[] = searchPath()): Promise<string[]> {
  const checks = Object.entries(packages).map(async ([name, programs]) => {
    const found = await Promise.all(programs.map((program) => isInstalled(program, folders)))
    return found.every(Boolean) ? [] : [name]
  })
  return (await Promise.all(checks)).flat()
}

async function isInstalled(program: string, folders: readonly string[]): Promise<boolean> {
  const tries = folders.map((folder) =>
    access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    ),
  )
  return (await Promise.all(tries)).some(Boolean)
}

/** Namespaces and an overlay on the lab's own disk, as a worker makes them. */
async function tryMounts({ context: { labFolder } }: Sandbox): Promise<Availability> {
  await mkdir(labFolder, { recursive: true, mode: 0o700 })
  const folder = await mkdtemp(join(labFolder, 'try-'))
  const script = 'cd "$1" && mkdir u w r && mount -t overlay o -o lowerdir=/etc,upperdir=u,workdir=w r && : > r/try'
  const namespaces = ['--mount', '--uts', '--ipc', '--net', '--cgroup', '--pid', '--fork']
  try {
    await run({ argv: ['unshare', ...namespaces, '--propagation', 'private', 'sh', '-c', script, 'try', folder] })
    return { available: true }
  } catch (error) {
    return no(
      `${labFolder} holds no overlay: ${describeError(error)}`,
      'set ORRERY_HOME to a folder on an ordinary disk (ext4, xfs)',
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const no = (reason: string, remedy: string): Availability => ({ available: false, reason, remedy })

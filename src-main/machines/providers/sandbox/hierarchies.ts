/** Which control group hierarchies a host has, and what a worker's size means in them. Pure. */
import { join } from 'node:path'
import type { MachineSpec } from '../../provider.ts'

/** One tree of control groups. On a host with cgroup v2 there is one; with v1, one for each set of controllers. */
export interface Hierarchy {
  /** The group below which ours hang, as a path on the host. */
  readonly parent: string
  /** The folder below /sys/fs/cgroup where the worker mounts it; empty: /sys/fs/cgroup itself. */
  readonly place: string
  /** What the worker's init hands to `mount -o`, or `cgroup2`. */
  readonly options: string
  readonly controllers: readonly string[]
}

/**
 * The host's hierarchies. Workers outlive the app, so their groups hang below that of process 1, and not below the one
 * of the session that happened to start the app. `initCgroups` is the text of /proc/1/cgroup.
 */
export function findHierarchies(mountInfo: string, initCgroups: string): Hierarchy[] {
  const initPaths = new Map(
    initCgroups
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
        // systemd keeps this group for itself.
        return [controllers, path.replace(/\/init\.scope$/, '').replace(/^\/$/, '')] as const
      }),
  )
  const mounts = mountInfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ')
    const [type, , superOptions = ''] = after.split(' ')
    const mountPoint = before.split(' ')[4] ?? ''
    return type === 'cgroup' || type === 'cgroup2' ? [{ type, superOptions, mountPoint }] : []
  })
  const version1 = mounts.flatMap(({ type, superOptions, mountPoint }) => {
    if (type !== 'cgroup') return []
    const named = superOptions.split(',').find((option) => option.startsWith('name='))
    for (const [controllers, path] of initPaths) {
      const same = controllers !== '' && controllers.split(',').every((one) => superOptions.split(',').includes(one))
      if (!same) continue
      const options = named === undefined ? controllers : `none,${named}`
      const place = mountPoint.slice(mountPoint.lastIndexOf('/') + 1)
      return [{ parent: join(mountPoint, path), place, options, controllers: controllers.split(',') }]
    }
    return []
  })
  // A host may have both; then the controllers are with v1, and the v2 tree is only for systemd.
  if (version1.some(({ controllers }) => controllers.includes('memory'))) return version1
  const unified = mounts.find(({ type }) => type === 'cgroup2')
  if (unified === undefined) return []
  const parent = join(unified.mountPoint, initPaths.get('') ?? '')
  return [{ parent, place: '', options: 'cgroup2', controllers: ['cpu', 'cpuset', 'hugetlb', 'io', 'memory', 'pids'] }]
}

/** The files that hold a worker to its size: path below the worker's group → content. */
export function limitsOf(
  { options, controllers }: Pick<Hierarchy, 'options' | 'controllers'>,
  { cpus, memoryBytes }: Pick<MachineSpec, 'cpus' | 'memoryBytes'>,
): [string, string][] {
  const quota = Math.round(cpus * 100_000)
  const limits: readonly (readonly [string, string, string])[] =
    options === 'cgroup2'
      ? [
          ['memory', 'memory.max', String(memoryBytes)],
          ['cpu', 'cpu.max', `${quota} 100000`],
        ]
      : [
          ['memory', 'memory.limit_in_bytes', String(memoryBytes)],
          ['cpu', 'cpu.cfs_quota_us', String(quota)],
        ]
  return limits.flatMap(([controller, file, content]): [string, string][] =>
    controllers.includes(controller) ? [[file, content]] : [],
  )
}

import { describe, expect, it } from 'vitest'
import { findHierarchies, limitsOf } from './hierarchies.ts'

const spec = { name: 'worker-1', address: '10.77.0.11', cpus: 1.5, memoryBytes: 2 ** 31 }

describe('control groups of version 1', () => {
  const mountInfo = `
25 1 0:22 / /sys/fs/cgroup ro shared:9 - tmpfs tmpfs rw,mode=755
26 25 0:23 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw
27 25 0:24 / /sys/fs/cgroup/systemd rw shared:11 - cgroup cgroup rw,xattr,name=systemd
30 25 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:15 - cgroup cgroup rw,cpu,cpuacct
31 25 0:28 / /sys/fs/cgroup/memory rw shared:16 - cgroup cgroup rw,memory
32 25 0:29 / /sys/fs/cgroup/freezer rw shared:17 - cgroup cgroup rw,freezer`
  const initCgroups =
    '4:freezer:/\n3:memory:/init.scope\n2:cpu,cpuacct:/outer\n1:name=systemd:/init.scope\n0::/init.scope\n'
  const hierarchies = findHierarchies(mountInfo, initCgroups)

  it('are found with the place of process 1 in each, but for what systemd keeps for itself', () => {
    expect(hierarchies.map(({ parent, place, options }) => [parent, place, options])).toEqual([
      ['/sys/fs/cgroup/systemd', 'systemd', 'none,name=systemd'],
      ['/sys/fs/cgroup/cpu,cpuacct/outer', 'cpu,cpuacct', 'cpu,cpuacct'],
      ['/sys/fs/cgroup/memory', 'memory', 'memory'],
      ['/sys/fs/cgroup/freezer', 'freezer', 'freezer'],
    ])
  })

  it('hold a worker to its size', () => {
    expect(hierarchies.flatMap((hierarchy) => limitsOf(hierarchy, spec))).toEqual([
      ['cpu.cfs_quota_us', '150000'],
      ['memory.limit_in_bytes', '2147483648'],
    ])
  })
})

describe('control groups of version 2', () => {
  const mountInfo = '26 25 0:23 / /sys/fs/cgroup rw shared:10 - cgroup2 cgroup2 rw'
  const hierarchies = findHierarchies(mountInfo, '0::/init.scope\n')

  it('are one tree', () => {
    expect(hierarchies).toEqual([expect.objectContaining({ parent: '/sys/fs/cgroup', place: '', options: 'cgroup2' })])
  })

  it('hold a worker to its size', () => {
    expect(hierarchies.flatMap((hierarchy) => limitsOf(hierarchy, spec))).toEqual([
      ['memory.max', '2147483648'],
      ['cpu.max', '150000 100000'],
    ])
  })
})

describe('a host without control groups', () => {
  it('has no hierarchy', () => {
    expect(findHierarchies('22 1 0:20 / /proc rw - proc proc rw', '')).toEqual([])
  })
})

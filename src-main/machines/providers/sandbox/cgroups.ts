/** A worker's control groups: making them, reading who is in them, and removing them. */
import { readFile, readdir, rmdir, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../lib/clock.ts'
import type { MachineSpec } from '../../provider.ts'
import { findHierarchies, limitsOf, type Hierarchy } from './hierarchies.ts'

const releaseMs = 5_000

export async function hostHierarchies(): Promise<Hierarchy[]> {
  return findHierarchies(await readFile('/proc/self/mountinfo', 'utf8'), await readFile('/proc/1/cgroup', 'utf8'))
}

/** What a worker's processes join in one hierarchy. */
export interface JoinedGroup {
  /** For the process that holds the worker's namespaces, outside of them. */
  readonly outside: string
  /** For all processes of the worker; what is at its root there. */
  readonly inside: string
}

/** Makes the worker's groups, and those above them. Resolves with one for each hierarchy, in order. */
export async function makeCgroups(
  hierarchies: readonly Hierarchy[],
  lab: string,
  worker: string,
  spec: MachineSpec,
): Promise<JoinedGroup[]> {
  const made: JoinedGroup[] = []
  for (const { parent, options, controllers } of hierarchies) {
    const [outer, group] = [join(parent, lab), join(parent, worker)]
    const isUnified = options === 'cgroup2'
    if (!isUnified) await mkdir(outer, { recursive: true })
    if (!isUnified && controllers.includes('cpuset')) await inheritCpus(parent, outer)
    // With version 2 a group that shares out its controllers has no processes of its own, but only in groups below it.
    const joined = isUnified
      ? { outside: join(group, 'outside'), inside: join(group, 'worker') }
      : { outside: group, inside: group }
    for (const folder of new Set([joined.outside, joined.inside])) await mkdir(folder, { recursive: true })
    const shared = isUnified ? await shareControllers([parent, outer, group], controllers) : controllers
    for (const [file, content] of limitsOf({ options, controllers: shared }, spec))
      await writeFile(join(joined.inside, file), content)
    made.push(joined)
  }
  return made
}

/** Rejects when the groups of workers cannot be given the controllers that the host has. */
export async function trySharing(hierarchies: readonly Hierarchy[]): Promise<void> {
  for (const { parent, options, controllers } of hierarchies)
    if (options === 'cgroup2') await shareControllers([parent], controllers)
}

/** The processes of a worker, containers included; empty when it does not run. */
export async function processesOf(hierarchies: readonly Hierarchy[], worker: string): Promise<number[]> {
  const hierarchy = hierarchies.find(({ controllers }) => controllers.includes('pids')) ?? hierarchies[0]
  if (hierarchy === undefined) return []
  const groups = await groupsBelow(join(hierarchy.parent, worker))
  const lists = await Promise.all(
    groups.map((group) => readFile(join(group, 'cgroup.procs'), 'utf8').catch(ifGone(''))),
  )
  return lists.flatMap((list) =>
    list
      .split('\n')
      .filter((line) => line !== '')
      .map(Number),
  )
}

/** A frozen worker does not die. */
export async function thaw(hierarchies: readonly Hierarchy[], worker: string): Promise<void> {
  const hierarchy = hierarchies.find(
    ({ controllers, options }) => options === 'cgroup2' || controllers.includes('freezer'),
  )
  if (hierarchy === undefined) return
  const [file, content] = hierarchy.options === 'cgroup2' ? ['cgroup.freeze', '0'] : ['freezer.state', 'THAWED']
  for (const group of await groupsBelow(join(hierarchy.parent, worker)))
    await writeFile(join(group, file), content).catch(ifGone(undefined))
}

/** Removes a group and all below it. They must have no processes. */
export async function removeCgroups(hierarchies: readonly Hierarchy[], path: string, clock: Clock): Promise<void> {
  for (const { parent } of hierarchies) {
    const groups = await groupsBelow(join(parent, path))
    for (const group of groups.reverse()) await removeGroup(group, clock)
  }
}

/** The kernel holds a group for a moment longer than it shows the processes that were in it. */
async function removeGroup(group: string, clock: Clock): Promise<void> {
  const deadline = clock.monotonic() + releaseMs
  for (;;) {
    try {
      return await rmdir(group).catch(ifGone(undefined))
    } catch (error) {
      const isHeld = error instanceof Error && 'code' in error && error.code === 'EBUSY'
      if (!isHeld || clock.monotonic() > deadline) throw error
      await clock.sleep(10)
    }
  }
}

/** The names of the groups directly below one, in any hierarchy. */
export async function namesBelow(hierarchies: readonly Hierarchy[], path: string): Promise<string[]> {
  const lists = await Promise.all(
    hierarchies.map(({ parent }) => readdir(join(parent, path), { withFileTypes: true }).catch(ifGone([]))),
  )
  return [...new Set(lists.flat().flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])))]
}

/** A group and all below it, each after the one above it. */
async function groupsBelow(group: string): Promise<string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch(ifGone(undefined))
  if (entries === undefined) return []
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => groupsBelow(join(group, entry.name)))
  return [group, ...(await Promise.all(below)).flat()]
}

/** Groups come and go while they are walked. */
function ifGone<T>(value: T): (error: unknown) => T {
  return (error) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENODEV') return value
    throw error
  }
}

/** A cpuset group is unusable until it names its processors; those below it copy them. */
async function inheritCpus(parent: string, group: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems'])
    await writeFile(join(group, file), await readFile(join(parent, file), 'utf8'))
  await writeFile(join(group, 'cgroup.clone_children'), '1')
}

/** Hands the controllers down from group to group. Resolves with those that reach the last one's children. */
async function shareControllers(groups: readonly string[], controllers: readonly string[]): Promise<string[]> {
  let shared = [...controllers]
  for (const group of groups) {
    const offered = (await readFile(join(group, 'cgroup.controllers'), 'utf8')).trim().split(' ')
    shared = shared.filter((one) => offered.includes(one))
    await writeFile(join(group, 'cgroup.subtree_control'), shared.map((one) => `+${one}`).join(' '))
  }
  return shared
}

/** What becomes of pods whose containers are given other resources while they run. */
import { expect } from 'vitest'
import type { Container, PodSpec } from '../../../src-main/api/types/core-v1.ts'
import { containerOf, shell, type CaseBook, type CasePod, type Live } from '../../support/case-book.ts'

/** Requests and limits of CPU, in thousandths, and memory, in MiB; `restart` names what a change of restarts for. */
interface Size {
  readonly name: string
  readonly cpu: readonly [request: number, limit: number]
  readonly memory: readonly [request: number, limit: number]
  readonly restart?: 'cpu' | 'memory'
}

const resourcesOf = ({ cpu, memory }: Size): NonNullable<Container['resources']> => ({
  requests: { cpu: `${cpu[0]}m`, memory: `${memory[0]}Mi` },
  limits: { cpu: `${cpu[1]}m`, memory: `${memory[1]}Mi` },
})

const forever = 'exec sleep 3600'

const podOf = (sizes: readonly Size[]): PodSpec => ({
  containers: sizes.map((size) =>
    shell(size.name, forever, {
      resources: resourcesOf(size),
      resizePolicy: (['cpu', 'memory'] as const).map((resourceName) => ({
        resourceName,
        restartPolicy: size.restart === resourceName ? 'RestartContainer' : 'NotRequired',
      })),
    }),
  ),
})

const same = (name: string, cpu: number, memory: number, restart?: Size['restart']): Size => ({
  ...{ name, cpu: [cpu, cpu], memory: [memory, memory] },
  ...(restart === undefined ? {} : { restart }),
})

interface Case {
  readonly title: string
  readonly name: string
  readonly before: readonly Size[]
  readonly after: readonly Size[]
}

const cases: readonly Case[] = [
  {
    title: 'has more after a net increase, with three containers that are guaranteed what they have',
    name: 'resize-increase',
    before: [same('c1', 30, 30), same('c2', 30, 30), same('c3', 30, 30)],
    after: [same('c1', 40, 40), same('c2', 25, 25), same('c3', 45, 45)],
  },
  {
    title: 'has less after a net decrease, with three containers that are guaranteed what they have',
    name: 'resize-decrease',
    before: [same('c1', 50, 50), same('c2', 50, 50, 'cpu'), same('c3', 50, 50, 'memory')],
    after: [same('c1', 30, 30), same('c2', 60, 60, 'cpu'), same('c3', 20, 20, 'memory')],
  },
  {
    title: 'has what it is given by various changes of three containers that are guaranteed what they have',
    name: 'resize-various',
    before: [same('c1', 40, 40), same('c2', 40, 40), same('c3', 40, 40)],
    after: [same('c1', 30, 50), same('c2', 50, 30), same('c3', 40, 60)],
  },
  {
    title: 'has what it is given by various changes of six containers that may burst',
    name: 'resize-burst',
    before: [1, 2, 3, 4, 5, 6].map((at): Size => ({ name: `c${at}`, cpu: [20, 30], memory: [20, 30] })),
    after: [
      { name: 'c1', cpu: [25, 30], memory: [20, 30] },
      { name: 'c2', cpu: [20, 40], memory: [20, 30] },
      { name: 'c3', cpu: [20, 30], memory: [25, 30] },
      { name: 'c4', cpu: [20, 30], memory: [20, 40] },
      { name: 'c5', cpu: [10, 20], memory: [10, 30] },
      { name: 'c6', cpu: [20, 30], memory: [20, 30] },
    ],
  },
]

export function resizeCases(book: CaseBook): void {
  for (const { title, name, before, after } of cases) {
    const pod = book.pod(name, podOf(before))
    book.story(title, async () => {
      const started = await pod.ready()
      await resize(book, name, after)
      await arrived(pod, after)
      await checkGroups(pod, after)
      const now = await pod.get()
      for (const [index, size] of after.entries()) {
        const old = before[index]
        const changed =
          size.restart !== undefined && JSON.stringify(old?.[size.restart]) !== JSON.stringify(size[size.restart])
        const { restartCount, containerID } = containerOf(now, size.name)
        expect([size.name, restartCount]).toEqual([size.name, changed ? 1 : 0])
        if (!changed) expect(containerID).toBe(containerOf(started, size.name).containerID)
      }
    })
  }

  const small: Size = { name: 'c1', cpu: [2, 10], memory: [20, 30] }
  const equal = book.pod('resize-equal', podOf([small]))
  book.story('shows the new numbers where they make no difference to the kernel', async () => {
    await equal.ready()
    const after: Size = { ...small, cpu: [1, 5] }
    await resize(book, 'resize-equal', [after])
    await arrived(equal, [after])
    expect(containerOf(await equal.get()).restartCount).toBe(0)
  })

  const replaced = book.pod('resize-replace', podOf([small]))
  book.story('is the same at both of its addresses after its resources were replaced', async () => {
    await replaced.ready()
    const after: Size = { ...small, cpu: [20, 40] }
    const path = `${book.path('pods/resize-replace')}/resize`
    const read = (await book.ask('GET', path)) as Live
    const containers = read.spec.containers.map((container) => ({ ...container, resources: resourcesOf(after) }))
    await book.ask('PUT', path, { ...read, spec: { ...read.spec, containers } })
    const live = await arrived(replaced, [after])
    expect(await book.ask('GET', path)).toEqual(await replaced.get())
    expect(live.spec.containers[0]?.resources).toEqual(resourcesOf(after))
  })

  const greedy = book.pod('resize-greedy', podOf([small]))
  book.story('keeps what it has where the node cannot give more, and says so', async () => {
    await greedy.ready()
    const huge: Size = { name: 'c1', cpu: [900_000, 900_000], memory: [20, 30] }
    await resize(book, 'resize-greedy', [huge])
    const live = await greedy.until('refused', ({ status }) =>
      (status.conditions ?? []).some(({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible'),
    )
    expect(containerOf(live).allocatedResources).toEqual(resourcesOf(small).requests)
    expect(containerOf(live).resources).toEqual(resourcesOf(small))
    await resize(book, 'resize-greedy', [{ ...small, cpu: [4, 10] }])
    await arrived(greedy, [{ ...small, cpu: [4, 10] }])
  })
}

const resize = (book: CaseBook, name: string, sizes: readonly Size[]): Promise<unknown> =>
  book.ask(
    'PATCH',
    `${book.path(`pods/${name}`)}/resize`,
    { spec: { containers: sizes.map((size) => ({ name: size.name, resources: resourcesOf(size) })) } },
    'application/strategic-merge-patch+json',
  )

/** The pod, once its status shows the sizes and nothing of a resize is left in it. */
const arrived = (pod: CasePod, sizes: readonly Size[]): Promise<Live> =>
  pod.until('resized', (live) => {
    const { conditions = [], observedGeneration } = live.status
    if (conditions.some(({ type }) => type.startsWith('PodResize'))) return false
    return (
      observedGeneration === live.metadata.generation &&
      sizes.every((size) => {
        const { resources, allocatedResources, state } = containerOf(live, size.name)
        const wanted = resourcesOf(size)
        return (
          state?.running !== undefined &&
          JSON.stringify([resources?.requests, resources?.limits]) ===
            JSON.stringify([wanted.requests, wanted.limits]) &&
          JSON.stringify(allocatedResources) === JSON.stringify(wanted.requests)
        )
      })
    )
  })

/** What the kernel holds each container to. */
async function checkGroups(pod: CasePod, sizes: readonly Size[]): Promise<void> {
  for (const { name, cpu, memory } of sizes) {
    const said = await pod.sh(
      'cd /sys/fs/cgroup; cat cpu/cpu.shares cpu/cpu.cfs_quota_us memory/memory.limit_in_bytes',
      name,
    )
    expect([name, ...said.trim().split('\n').map(Number)]).toEqual([
      name,
      Math.max(2, Math.floor((cpu[0] * 1024) / 1000)),
      Math.max(1000, cpu[1] * 100),
      memory[1] * 1024 * 1024,
    ])
  }
}

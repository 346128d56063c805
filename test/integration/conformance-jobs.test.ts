/** The claims of the official conformance tests on Jobs. */
import { afterEach, describe, expect, it } from 'vitest'
import { job } from '../../src-main/api/kinds/batch/job.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import { controllerOf } from '../../src-main/api/meta/owner-references.ts'
import { isTerminating } from '../../src-main/api/meta/pod.ts'
import type { JobSpec } from '../../src-main/api/types/batch-v1.ts'
import type { Pod } from '../../src-main/api/types/core-v1.ts'
import { startWorkloadCluster, type WorkloadCluster } from '../support/workload-cluster.ts'

let running: WorkloadCluster | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

const work = { name: 'work', namespace: 'default' }
async function aJob(tag: string, spec: Partial<JobSpec> = {}): Promise<WorkloadCluster> {
  const cluster = await startWorkloadCluster()
  running = cluster
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'web', image: `orrery.dev/web:${tag}` }] } }
  await cluster.client.create(job, { metadata: work, spec: { template, ...spec } })
  return cluster
}
const statusOf = async ({ client }: WorkloadCluster) => (await client.get(job, work)).status ?? {}
const conditionOf = async (cluster: WorkloadCluster, type: string) =>
  (await statusOf(cluster)).conditions?.find((one) => one.type === type && one.status === 'True')
const has = async (cluster: WorkloadCluster, type: string, reason?: string) => {
  const found = await conditionOf(cluster, type)
  return found !== undefined && (reason === undefined || found.reason === reason)
}
const indexed = (completions: number, parallelism = completions): Partial<JobSpec> => ({
  completionMode: 'Indexed',
  completions,
  parallelism,
})

describe('an indexed job', () => {
  it('names its pods by their index: in annotation, label, host name and environment', async () => {
    const cluster = await aJob('succeeds', indexed(4))
    await cluster.until(() => has(cluster, 'Complete'))
    const pods = await cluster.pods()
    const indexes = pods.map(({ metadata, spec }) => {
      const index = metadata.annotations?.['batch.kubernetes.io/job-completion-index']
      expect(metadata.labels?.['batch.kubernetes.io/job-completion-index']).toBe(index)
      expect(spec?.hostname).toBe(`work-${index}`)
      expect(metadata.name.startsWith(`work-${index}-`)).toBe(true)
      expect(spec?.containers[0]?.env?.[0]?.name).toBe('JOB_COMPLETION_INDEX')
      return index
    })
    expect(indexes.sort()).toEqual(['0', '1', '2', '3'])
  })

  it('with a backoff limit for each index, tries all, and fails those that fail', async () => {
    const cluster = await aJob('oddfails', { ...indexed(4, 2), backoffLimitPerIndex: 1 })
    await cluster.until(() => has(cluster, 'Failed', 'FailedIndexes'))
    expect(await statusOf(cluster)).toMatchObject({
      completedIndexes: '0,2',
      failedIndexes: '1,3',
      succeeded: 2,
      failed: 4,
    })
  })

  it('fails an index at once where the failure policy says so', async () => {
    const cluster = await aJob('exits42', {
      ...indexed(2),
      backoffLimitPerIndex: 1,
      podFailurePolicy: { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } }] },
    })
    await cluster.until(() => has(cluster, 'Failed', 'FailedIndexes'))
    expect(await statusOf(cluster)).toMatchObject({ failedIndexes: '0,1', failed: 2 })
  })

  it('ends with one failed index more than it may have', async () => {
    const cluster = await aJob('oddfails', { ...indexed(10, 10), backoffLimitPerIndex: 0, maxFailedIndexes: 0 })
    await cluster.until(() => has(cluster, 'Failed', 'MaxFailedIndexesExceeded'))
  })

  it.each([
    ['when all succeeded', 'succeeds', {}],
    ['when enough succeeded', 'zerosucceeds', { succeededCount: 1 }],
    ['when the named ones succeeded', 'zerosucceeds', { succeededIndexes: '0' }],
  ])('with a success policy, succeeds %s', async (_when, tag, rule) => {
    const all = { succeededIndexes: '0-1' }
    const rules = [Object.keys(rule).length === 0 ? all : rule]
    const cluster = await aJob(tag, { ...indexed(2), successPolicy: { rules } })
    await cluster.until(() => has(cluster, 'Complete'))
    expect((await conditionOf(cluster, 'SuccessCriteriaMet'))?.reason).toBe('SuccessPolicy')
    const status = await statusOf(cluster)
    expect([status?.active, status?.terminating, status?.failed]).toEqual([undefined, 0, undefined])
  })
})

describe('a job', () => {
  it('fails early on an exit code that its failure policy names', async () => {
    const cluster = await aJob('exits42', {
      backoffLimit: 6,
      podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] },
    })
    await cluster.until(() => has(cluster, 'Failed', 'PodFailurePolicy'))
    expect(await statusOf(cluster)).toMatchObject({ failed: 1 })
  })

  it('does not count failures that its failure policy ignores', async () => {
    const rule = { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }
    const cluster = await aJob('1', { ...indexed(2), backoffLimit: 0, podFailurePolicy: { rules: [rule] } })
    const { client } = cluster
    await cluster.until(async () => (await statusOf(cluster)).ready === 2)
    const [first] = await cluster.pods()
    const name = { name: first!.metadata.name, namespace: 'default' }
    const isFirst = ({ metadata }: Live<Pod>): boolean => metadata.uid === first!.metadata.uid
    await client.post(pod, name, 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: name })
    const seen = new Set<string>()
    await cluster.until(async () => {
      const pods = await cluster.pods()
      for (const { metadata, status } of pods)
        if (metadata.uid === first!.metadata.uid)
          for (const { type, reason } of status?.conditions ?? []) seen.add(`${type} ${reason ?? ''}`)
      const alive = pods.filter(({ metadata, status }) => {
        return status?.phase === 'Running' && metadata.deletionTimestamp === undefined
      })
      return alive.length === 2 && (await statusOf(cluster)).ready === 2 && !alive.some(isFirst)
    })
    expect([...seen]).toContain('DisruptionTarget EvictionByEvictionAPI')
    expect(await has(cluster, 'Failed')).toBe(false)
  })

  it('adopts its orphans again, and releases pods whose labels stop to match', async () => {
    const cluster = await aJob('1', { parallelism: 2, completions: 2 })
    const { client } = cluster
    await cluster.until(async () => (await statusOf(cluster)).ready === 2)
    const [first] = await cluster.pods()
    const name = { name: first!.metadata.name, namespace: 'default' }
    await client.patch(pod, name, { type: 'merge', patch: { metadata: { ownerReferences: null } } })
    await cluster.until(async () => controllerOf(await client.get(pod, name))?.name === 'work')
    await client.patch(pod, name, { type: 'merge', patch: { metadata: { labels: null } } })
    await cluster.until(async () => {
      const { metadata } = await client.get(pod, name)
      return metadata.ownerReferences === undefined && metadata.finalizers === undefined
    })
    await cluster.until(async () => (await statusOf(cluster)).ready === 2)
  })

  it('is deleted with its pods', async () => {
    const cluster = await aJob('1', { parallelism: 2, completions: 2 })
    const { client } = cluster
    await cluster.until(async () => (await statusOf(cluster)).ready === 2)
    await client.delete(job, work, { propagationPolicy: 'Foreground' })
    await cluster.until(async () => (await client.list(job)).items.length === 0 && (await cluster.pods()).length === 0)
  })

  it('that somebody else manages is left alone', async () => {
    const cluster = await aJob('succeeds', { managedBy: 'example.com/other' })
    await cluster.clock.advance(10_000)
    expect(await cluster.pods()).toEqual([])
    expect(await statusOf(cluster)).toEqual({})
  })

  it('replaces pods that are going only when they have ended, when told so', async () => {
    const cluster = await aJob('1', { podReplacementPolicy: 'Failed' })
    const { client } = cluster
    await cluster.until(async () => (await statusOf(cluster)).ready === 1)
    const [first] = await cluster.pods()
    await client.delete(pod, { name: first!.metadata.name, namespace: 'default' })
    await cluster.until(async () => {
      const pods = await cluster.pods()
      expect(pods.filter(({ status }) => status?.phase === 'Running').length).toBeLessThanOrEqual(1)
      return pods.some((one) => !isTerminating(one) && one.metadata.uid !== first?.metadata.uid)
    })
  })

  it('ends at its deadline', async () => {
    const cluster = await aJob('1', { activeDeadlineSeconds: 30 })
    await cluster.until(() => has(cluster, 'Failed', 'DeadlineExceeded'))
    await cluster.until(async () => (await cluster.pods()).length === 0)
  })
})

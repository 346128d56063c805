/**
 * The controllers beside those of workloads through bad days: writes that fail before or after they are carried out,
 * late and doubled news, conflicts and restarts, all by a seed. See controllers-seeds.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isReason } from '../../src-main/api/errors.ts'
import { replicaSet } from '../../src-main/api/kinds/apps/replica-set.ts'
import { horizontalPodAutoscaler } from '../../src-main/api/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { cronJob } from '../../src-main/api/kinds/batch/cron-job.ts'
import { job } from '../../src-main/api/kinds/batch/job.ts'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { endpoints } from '../../src-main/api/kinds/core/endpoints.ts'
import { namespace as namespaceKind } from '../../src-main/api/kinds/core/namespace.ts'
import { persistentVolumeClaim } from '../../src-main/api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume } from '../../src-main/api/kinds/core/persistent-volume.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { secret } from '../../src-main/api/kinds/core/secret.ts'
import { service } from '../../src-main/api/kinds/core/service.ts'
import { podDisruptionBudget } from '../../src-main/api/kinds/policy/pod-disruption-budget.ts'
import { storageClass } from '../../src-main/api/kinds/storage/storage-class.ts'
import type { Kind } from '../../src-main/api/define-kind.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import { ownerReference } from '../../src-main/api/meta/owner-references.ts'
import { isPodReady } from '../../src-main/api/meta/pod.ts'
import type { Pod } from '../../src-main/api/types/core-v1.ts'
import type { Client } from '../../src-main/client/client.ts'
import type { StartController } from '../../src-main/controllers/context.ts'
import { startCronJobController } from '../../src-main/controllers/cronjob/controller.ts'
import { startDisruptionController } from '../../src-main/controllers/disruption/controller.ts'
import { startEndpointsController } from '../../src-main/controllers/endpoints/controller.ts'
import { startGarbageCollector } from '../../src-main/controllers/garbage-collector/controller.ts'
import { startAutoscalerController } from '../../src-main/controllers/horizontal-pod-autoscaler/controller.ts'
import { startJobController } from '../../src-main/controllers/job/controller.ts'
import { startLocalPathProvisioner } from '../../src-main/controllers/local-path/controller.ts'
import { helperNamespace } from '../../src-main/controllers/local-path/plan.ts'
import { startNamespaceController } from '../../src-main/controllers/namespace/controller.ts'
import { startPersistentVolumeBinder } from '../../src-main/controllers/persistent-volume/controller.ts'
import { startReplicaSetController } from '../../src-main/controllers/replicaset/controller.ts'
import { startClaimProtection } from '../../src-main/controllers/storage-protection/claims.ts'
import { startVolumeProtection } from '../../src-main/controllers/storage-protection/volumes.ts'
import { timestamp } from '../../src-main/lib/clock.ts'
import { rigNodes, startRigServer, type Rig, type RigServer } from '../support/controller-rig.ts'
import { seedsOf } from '../support/seeds.ts'

const limitMs = 120_000 * Math.max(1, Number(process.env['ORRERY_SEEDS'] ?? '1'))
let server: RigServer
beforeAll(async () => {
  server = await startRigServer()
}, limitMs)
afterAll(() => server.dispose())

const namespace = 'default'
const named = (name: string) => ({ name, namespace })
const web = named('web')
const selector = { matchLabels: { app: 'web' } }
const podSpec = { containers: [{ name: 'web', image: 'orrery.dev/web:1' }] }
const template = { metadata: { labels: { app: 'web' } }, spec: podSpec }
const kindsOf = (...kinds: unknown[]): Kind[] => kinds as Kind[]
const served =
  (
    start: (context: Parameters<StartController>[0], kinds: () => readonly Kind[]) => ReturnType<StartController>,
    ...kinds: unknown[]
  ): StartController =>
  (context) =>
    start(context, () => kindsOf(...kinds))
const steps = 6
const merge = (patch: object) => ({ type: 'merge', patch }) as const
const pick = <T>({ random }: Rig, ...all: readonly T[]): T => all[random.integer(all.length)] as T

/** Names of all objects of a kind that ever were, each as often as it was made. */
async function watchMade(rig: Rig, kind: Kind, over: AbortSignal): Promise<string[]> {
  const made: string[] = []
  const { resourceVersion } = await rig.client.list(kind, { namespace })
  void (async () => {
    for await (const event of rig.client.watch(kind, { namespace, resourceVersion, signal: over }))
      if (event.type === 'ADDED') made.push(event.object.metadata.name)
  })()
  return made
}

/**
 * How many pods their owner has taken away as surplus. A budget that has not seen it yet grants as many evictions too
 * many: no budget holds an owner back.
 */
async function countSurplus(rig: Rig, over: AbortSignal): Promise<{ readonly taken: number }> {
  const counter = { taken: 0 }
  const { resourceVersion } = await rig.client.list(pod, { namespace })
  const going = new Set<string>()
  void (async () => {
    for await (const event of rig.client.watch(pod, { namespace, resourceVersion, signal: over })) {
      if (event.type !== 'MODIFIED' || event.object.metadata.deletionTimestamp === undefined) continue
      const { metadata, status } = event.object
      const isEvicted = status?.conditions?.some(({ type }) => type === 'DisruptionTarget') === true
      if (isEvicted || going.has(metadata.uid)) continue
      going.add(metadata.uid)
      counter.taken++
    }
  })()
  return counter
}

describe('through many bad days', () => {
  it('a cron job starts one job for each time, and forgets none that runs', { timeout: limitMs }, async () => {
    for (const seed of seedsOf(30, 600_001)) {
      const both = [startCronJobController, startJobController]
      await server.run(seed, both, kindsOf(job, cronJob), async (rig) => {
        const { client } = rig
        const concurrencyPolicy = pick(rig, 'Allow', 'Forbid', 'Replace')
        const successfulJobsHistoryLimit = rig.random.integer(2)
        const over = new AbortController()
        const made = await watchMade(rig, job as unknown as Kind, over.signal)
        await client.create(cronJob, {
          metadata: web,
          spec: {
            schedule: '* * * * *',
            ...{ concurrencyPolicy, successfulJobsHistoryLimit, failedJobsHistoryLimit: 1 },
            jobTemplate: { spec: { template: { ...template, spec: { ...podSpec, restartPolicy: 'Never' } } } },
          },
        })
        const all = async () => (await client.list(job, { namespace })).items
        const finished = (one: Awaited<ReturnType<typeof all>>[number]) =>
          one.status?.conditions?.some(({ type, status }) => status === 'True' && /^(Complete|Failed)$/.test(type))
        for (let step = 0; step < 4 * steps; step++) {
          await rig.step(pick(rig, 300, 7000, 25_000))
          expect(new Set(made).size).toBe(made.length)
          const active = (await all()).filter((one) => !finished(one) && one.metadata.deletionTimestamp === undefined)
          if (concurrencyPolicy !== 'Allow') expect(active.length).toBeLessThanOrEqual(1)
        }
        await client.patch(cronJob, web, merge({ spec: { suspend: true } }))
        await rig.settleTo(async () => {
          const jobs = await all()
          const { status } = await client.get(cronJob, web)
          return (
            jobs.every(finished) &&
            (status?.active ?? []).length === 0 &&
            jobs.filter((one) => one.status?.succeeded === 1).length <= successfulJobsHistoryLimit
          )
        })
        expect(made.length).toBeGreaterThan(0)
        over.abort()
        await rig.clock.advance(1)
      })
    }
  })

  it('the garbage collector takes what has lost its owners, and nothing else', { timeout: limitMs }, async () => {
    for (const seed of seedsOf(50, 700_001)) {
      const controller = served(startGarbageCollector, configMap, secret)
      await server.run(seed, [controller], kindsOf(configMap, secret), async (rig) => {
        const { client, random } = rig
        const policyOf = new Map<string, 'Background' | 'Foreground' | 'Orphan' | undefined>()
        const ownersOf = new Map<string, string[]>()
        for (const name of ['a', 'b', 'c']) {
          const owner = await client.create(configMap, { metadata: named(name) })
          policyOf.set(name, undefined)
          for (let index = 0; index < 2; index++) {
            const second = index === 1 && name !== 'a' ? await client.get(configMap, named('a')) : undefined
            const owners = second === undefined ? [owner] : [owner, second]
            const references = owners.map((one) =>
              ownerReference(one, configMap, { controller: false, blockOwnerDeletion: random.next() < 0.5 }),
            )
            const dependent = `${name}-${index}`
            await client.create(secret, { metadata: { ...named(dependent), ownerReferences: references } })
            ownersOf.set(
              dependent,
              owners.map(({ metadata }) => metadata.name),
            )
          }
        }
        // An owner that goes before anybody has heard of its dependents cannot leave them behind, in Kubernetes neither.
        await rig.clock.advance(1000)
        const left = async () => {
          const { items } = await client.list(secret, { namespace })
          return items.filter(({ metadata }) => ownersOf.has(metadata.name))
        }
        const policiesOf = (name: string) => (ownersOf.get(name) ?? []).map((owner) => policyOf.get(owner))
        const isOwned = (name: string) => policiesOf(name).includes(undefined)
        // With two owners that go, of which one leaves it behind, it depends on which of them goes first.
        const keeps = (name: string) => isOwned(name) || policiesOf(name).join() === 'Orphan'
        const mayGo = (name: string) => !isOwned(name) && policiesOf(name).some((policy) => policy !== 'Orphan')
        for (let step = 0; step < steps; step++) {
          await rig.step()
          if (random.next() < 0.4) {
            const name = pick(rig, 'a', 'b', 'c')
            if (policyOf.get(name) === undefined) {
              const propagationPolicy = pick(rig, 'Background', 'Foreground', 'Orphan') as 'Background'
              policyOf.set(name, propagationPolicy)
              await client.delete(configMap, named(name), { propagationPolicy })
            }
          }
          const names = new Set((await left()).map(({ metadata }) => metadata.name))
          for (const name of ownersOf.keys()) if (keeps(name)) expect(names).toContain(name)
        }
        await rig.settleTo(async () => {
          const secrets = await left()
          const owners = (await client.list(configMap, { namespace })).items
          const alive = new Map(owners.map(({ metadata }) => [metadata.uid, metadata.name]))
          const names = secrets.map(({ metadata }) => metadata.name)
          return (
            [...ownersOf.keys()].every((name) =>
              names.includes(name) ? isOwned(name) || policiesOf(name).includes('Orphan') : mayGo(name),
            ) &&
            [...policyOf].every(([name, policy]) => [...alive.values()].includes(name) === (policy === undefined)) &&
            secrets.every(({ metadata }) => (metadata.ownerReferences ?? []).every(({ uid }) => alive.has(uid)))
          )
        })
      })
    }
  })

  it('a namespace takes everything in it along', { timeout: limitMs }, async () => {
    for (const seed of seedsOf(40, 800_001)) {
      const controller = served(startNamespaceController, configMap, secret, pod, service, namespaceKind)
      await server.run(seed, [controller], [], async (rig) => {
        const { client, random } = rig
        const team = `team-${seed}`
        const inside = (name: string) => ({ name, namespace: team })
        await client.create(namespaceKind, { metadata: { name: team } })
        const fill = async (name: string) => {
          await client.create(configMap, { metadata: inside(name) })
          await client.create(secret, { metadata: inside(name) })
          await client.create(service, { metadata: inside(name), spec: { ports: [{ port: 80 }] } })
        }
        for (const name of ['a', 'b']) await fill(name)
        const held = { ...inside('held'), finalizers: ['example.com/hold'] }
        if (random.next() < 0.5) await client.create(configMap, { metadata: held })
        let deleted = false
        for (let step = 0; step < steps; step++) {
          await rig.step()
          if (!deleted && random.next() < 0.5) {
            deleted = true
            await client.delete(namespaceKind, { name: team })
          }
          await fill(`more-${step}`).catch((error: unknown) => {
            if (!deleted || !isReason(error, 'Forbidden', 'NotFound')) throw error
          })
        }
        if (!deleted) await client.delete(namespaceKind, { name: team })
        const free = merge({ metadata: { finalizers: null } })
        await client.patch(configMap, inside('held'), free).catch(() => undefined)
        await rig.settleTo(async () => {
          const gone = (await client.list(namespaceKind)).items.every(({ metadata }) => metadata.name !== team)
          if (!gone) return false
          for (const kind of kindsOf(configMap, secret, service, pod))
            expect((await client.list(kind, { namespace: team })).items).toEqual([])
          return true
        })
      })
    }
  })

  it('a volume is bound to one claim, and every claim that can be is bound', { timeout: limitMs }, async () => {
    for (const seed of seedsOf(60, 900_001)) {
      const all = [startPersistentVolumeBinder, startClaimProtection, startVolumeProtection]
      await server.run(seed, all, kindsOf(persistentVolume, persistentVolumeClaim), async (rig) => {
        const { client, random } = rig
        const accessModes = ['ReadWriteOnce']
        const aVolume = (name: string) =>
          client.create(persistentVolume, {
            metadata: { name },
            spec: {
              ...{ accessModes, capacity: { storage: '2Gi' }, hostPath: { path: '/x' } },
              persistentVolumeReclaimPolicy: 'Retain',
            },
          })
        const aClaim = (name: string) =>
          client.create(persistentVolumeClaim, {
            metadata: named(name),
            spec: { accessModes, resources: { requests: { storage: '1Gi' } }, storageClassName: '' },
          })
        const volumes = async () => (await client.list(persistentVolume)).items
        const claims = async () => (await client.list(persistentVolumeClaim, { namespace })).items
        let [madeVolumes, madeClaims] = [0, 0]
        for (let step = 0; step < 2 * steps; step++) {
          if (random.next() < 0.5) await aVolume(`v${madeVolumes++}`)
          if (random.next() < 0.5) await aClaim(`c${madeClaims++}`)
          const [some] = await claims()
          if (random.next() < 0.15 && some !== undefined)
            await client.delete(persistentVolumeClaim, named(some.metadata.name))
          await rig.step()
          const bound = (await claims()).filter(
            ({ metadata }) => metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined,
          )
          const taken = bound.map(({ spec }) => spec?.volumeName)
          expect(new Set(taken).size).toBe(taken.length)
          for (const { metadata, spec } of bound) {
            const volume = (await volumes()).find((one) => one.metadata.name === spec?.volumeName)
            expect(volume?.spec?.claimRef?.uid).toBe(metadata.uid)
          }
        }
        await rig.settleTo(async () => {
          const phases = (await volumes()).map(({ status }) => status?.phase)
          const bound = (await claims()).filter(({ status }) => status?.phase === 'Bound').length
          const waiting = (await claims()).length - bound
          const free = phases.filter((phase) => phase === 'Available').length
          const known = phases.every((phase) => phase === 'Available' || phase === 'Bound' || phase === 'Released')
          return known && phases.filter((phase) => phase === 'Bound').length === bound && (waiting === 0 || free === 0)
        })
      })
    }
  })

  it(
    'each claim of the class local-path has a volume of its own, which goes with it',
    { timeout: limitMs },
    async () => {
      await server.client.create(namespaceKind, { metadata: { name: helperNamespace } }).catch(() => undefined)
      for (const seed of seedsOf(40, 1_000_001)) {
        const all = [
          startPersistentVolumeBinder,
          startLocalPathProvisioner,
          startClaimProtection,
          startVolumeProtection,
        ]
        const kinds = kindsOf(storageClass, persistentVolume, persistentVolumeClaim)
        await server.run(seed, all, kinds, async (rig) => {
          const { client, random } = rig
          const wanted = new Set<string>()
          const volumes = async () => (await client.list(persistentVolume)).items
          const claims = async () => (await client.list(persistentVolumeClaim, { namespace })).items
          for (let step = 0; step < 2 * steps; step++) {
            if (random.next() < 0.4) {
              const name = `c${step}`
              wanted.add(name)
              await client.create(persistentVolumeClaim, {
                metadata: {
                  ...named(name),
                  annotations: { 'volume.kubernetes.io/selected-node': pick(rig, ...rigNodes) },
                },
                spec: {
                  accessModes: ['ReadWriteOnce'],
                  resources: { requests: { storage: '1Gi' } },
                  storageClassName: 'local-path',
                },
              })
            }
            const [some] = wanted
            if (random.next() < 0.2 && some !== undefined) {
              wanted.delete(some)
              await client.delete(persistentVolumeClaim, named(some))
            }
            await rig.step()
            const owners = (await volumes()).map(({ spec }) => spec?.claimRef?.uid)
            expect(new Set(owners).size).toBe(owners.length)
          }
          await rig.settleTo(async () => {
            const bound = (await claims()).filter(({ status }) => status?.phase === 'Bound')
            const taken = bound.map(({ spec }) => spec?.volumeName).sort()
            const there = (await volumes()).map(({ metadata }) => metadata.name).sort()
            const helpers = (await client.list(pod, { namespace: helperNamespace })).items
            return bound.length === wanted.size && taken.join() === there.join() && helpers.length === 0
          })
        })
      }
    },
  )

  it(
    'an autoscaler comes to the size that the load asks for, and never beyond its bounds',
    { timeout: limitMs },
    async () => {
      for (const seed of seedsOf(40, 1_100_001)) {
        let load = 400
        const autoscaler: StartController = (context) =>
          startAutoscalerController(
            {
              ...context,
              client: withUsage(
                context.client,
                () => load,
                () => context.clock.now(),
              ),
            },
            () => kindsOf(replicaSet),
          )
        const kinds = kindsOf(replicaSet, horizontalPodAutoscaler)
        await server.run(seed, [startReplicaSetController, autoscaler], kinds, async (rig) => {
          const { client, random } = rig
          await client.create(replicaSet, { metadata: web, spec: { replicas: 2, selector, template } })
          await client.create(horizontalPodAutoscaler, {
            metadata: web,
            spec: {
              scaleTargetRef: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web' },
              ...{ minReplicas: 2, maxReplicas: 6 },
              metrics: [
                {
                  type: 'Resource',
                  resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100M' } },
                },
              ],
              behavior: { scaleDown: { stabilizationWindowSeconds: 30 } },
            },
          })
          const sizeOf = async () => (await client.get(replicaSet, web)).spec?.replicas ?? 0
          for (let step = 0; step < 2 * steps; step++) {
            if (random.next() < 0.3) load = 100 * (1 + random.integer(9))
            await rig.step(5000)
            expect(await sizeOf()).toBeGreaterThanOrEqual(2)
            expect(await sizeOf()).toBeLessThanOrEqual(6)
          }
          const wanted = Math.min(6, Math.max(2, load / 100))
          await rig.settleTo(async () => (await sizeOf()) === wanted && (await rig.ready()) === wanted)
        })
      }
    },
  )

  it('evictions never leave fewer pods than a budget asks for', { timeout: limitMs }, async () => {
    for (const seed of seedsOf(30, 1_200_001)) {
      const all = [startReplicaSetController, served(startDisruptionController, replicaSet)]
      await server.run(seed, all, kindsOf(replicaSet, podDisruptionBudget), async (rig) => {
        const { client, random } = rig
        const replicas = 3 + random.integer(2)
        const [spec, least] = pick<readonly [object, number]>(
          rig,
          [{ minAvailable: 2 }, 2],
          [{ maxUnavailable: 1 }, replicas - 1],
          [{ minAvailable: '50%' }, Math.ceil(replicas / 2)],
        )
        await client.create(replicaSet, { metadata: web, spec: { replicas, selector, template } })
        await client.create(podDisruptionBudget, { metadata: web, spec: { selector, ...spec } })
        while ((await rig.ready()) < replicas) await rig.step()
        const over = new AbortController()
        const surplus = await countSurplus(rig, over.signal)
        let evicted = 0
        let granted = 0
        const tryToEvict = async (one: Live<Pod>) => {
          const { name } = one.metadata
          try {
            await client.post(pod, named(name), 'eviction', { metadata: named(name) })
            evicted++
            if (isPodReady(one)) granted++
          } catch (error) {
            if (!isReason(error, 'TooManyRequests', 'NotFound', 'Conflict')) throw error
          }
        }
        for (let step = 0; step < 3 * steps; step++) {
          granted = 0
          await Promise.all((await rig.active()).filter(() => random.next() < 0.5).map(tryToEvict))
          const ready = await rig.ready()
          // Whoever takes nothing makes nothing worse.
          if (granted > 0) expect(ready + surplus.taken).toBeGreaterThanOrEqual(least)
          await rig.step()
        }
        over.abort()
        await rig.settleTo(async () => {
          const { status } = await client.get(podDisruptionBudget, web)
          return (await rig.ready()) === replicas && status?.disruptionsAllowed === replicas - least
        })
        for (const one of await rig.active()) await tryToEvict(one)
        expect(evicted).toBeGreaterThan(0)
      })
    }
  })

  it('the endpoints of a service name its pods, each once', { timeout: limitMs }, async () => {
    for (const seed of seedsOf(40, 1_300_001)) {
      const both = [startReplicaSetController, startEndpointsController]
      await server.run(seed, both, kindsOf(endpoints, service, replicaSet), async (rig) => {
        const { client, random } = rig
        let replicas = 1 + random.integer(3)
        await client.create(service, { metadata: web, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
        await client.create(replicaSet, { metadata: web, spec: { replicas, selector, template } })
        for (let step = 0; step < steps; step++) {
          await rig.step()
          if (random.next() < 0.3)
            await client.patch(replicaSet, web, merge({ spec: { replicas: (replicas = random.integer(4)) } }))
        }
        await rig.settleTo(async () => {
          const { subsets = [] } = await client.get(endpoints, web)
          const uids = subsets.flatMap(({ addresses = [] }) => addresses.map(({ targetRef }) => targetRef?.uid ?? ''))
          const pods = (await rig.pods()).map(({ metadata }) => metadata.uid)
          return uids.length === replicas && uids.sort().join() === pods.sort().join()
        })
        await client.delete(service, web)
        await rig.settleTo(async () =>
          (await client.list(endpoints, { namespace })).items.every(({ metadata }) => metadata.name !== 'web'),
        )
      })
    }
  })
})

/** What the pods use is measured: the load, shared by those that run. */
function withUsage(client: Client, load: () => number, now: () => number): Client {
  return {
    ...client,
    list: async (kind, options) => {
      if (kind.group !== 'metrics.k8s.io') return client.list(kind, options)
      const { items } = await client.list(pod, options)
      const running = items.filter(({ status }) => status?.phase === 'Running')
      const usage = { memory: `${Math.floor(load() / Math.max(1, running.length))}M` }
      const measured = running.map(({ metadata }) => ({
        metadata: { ...metadata },
        timestamp: timestamp(now()),
        window: '15s',
        containers: [{ name: 'web', usage }],
      }))
      return { items: measured as never[], resourceVersion: '', continue: undefined }
    },
  }
}

/**
 * Workload controllers through bad days, a thousand with those of cluster-controllers-seeds.test.ts: writes that fail before or after they are carried out, late and doubled
 * news, conflicts and restarts, all by a seed. Whatever happens, some things must never be, and in the end all is well.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { controllerRevision } from '../../src-main/api/kinds/apps/controller-revision.ts'
import { daemonSet } from '../../src-main/api/kinds/apps/daemon-set.ts'
import { deployment } from '../../src-main/api/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/api/kinds/apps/replica-set.ts'
import { statefulSet } from '../../src-main/api/kinds/apps/stateful-set.ts'
import { job } from '../../src-main/api/kinds/batch/job.ts'
import { service } from '../../src-main/api/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/api/kinds/discovery/endpoint-slice.ts'
import type { Kind } from '../../src-main/api/define-kind.ts'
import { controllerOf } from '../../src-main/api/meta/owner-references.ts'
import { startDaemonSetController } from '../../src-main/controllers/daemonset/controller.ts'
import { startDeploymentController } from '../../src-main/controllers/deployment/controller.ts'
import { startEndpointSliceController } from '../../src-main/controllers/endpointslice/controller.ts'
import { startJobController } from '../../src-main/controllers/job/controller.ts'
import { startReplicaSetController } from '../../src-main/controllers/replicaset/controller.ts'
import { startStatefulSetController } from '../../src-main/controllers/statefulset/controller.ts'
import { seedsOf } from '../support/seeds.ts'
import { rigNodes, startRigServer, type Rig, type RigServer } from '../support/controller-rig.ts'

const limitMs = 120_000 * Math.max(1, Number(process.env['ORRERY_SEEDS'] ?? '1'))
let server: RigServer
beforeAll(async () => {
  server = await startRigServer()
}, limitMs)
afterAll(() => server.dispose())

const web = { name: 'web', namespace: 'default' }
const selector = { matchLabels: { app: 'web' } }
const image = (tag: number) => `orrery.dev/web:${tag}`
const template = (tag = 1) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: image(tag) }] },
})
const kindsOf = (...kinds: unknown[]): Kind[] => kinds as Kind[]
const scale = (replicas: number) => ({ type: 'merge', patch: { spec: { replicas } } }) as const
const update = (tag: number) => ({ type: 'strategic', patch: { spec: { template: template(tag) } } }) as const
const steps = 6

/** Every pod has an owner that is there. */
async function nothingLeaked(rig: Rig, owners: readonly string[]): Promise<boolean> {
  return (await rig.pods()).every((pod) => owners.includes(controllerOf(pod)?.uid ?? ''))
}
const imagesOf = async (rig: Rig) => (await rig.active()).map(({ spec }) => spec?.containers[0]?.image)

describe('through many bad days', () => {
  it('a replica set comes to its count', { timeout: limitMs }, async () => {
    for (const seed of seedsOf(150, 1)) {
      await server.run(seed, [startReplicaSetController], kindsOf(replicaSet), async (rig) => {
        const { client, random } = rig
        let replicas = 1 + random.integer(3)
        const { metadata } = await client.create(replicaSet, {
          metadata: web,
          spec: { replicas, selector, template: template() },
        })
        for (let step = 0; step < steps; step++) {
          await rig.step()
          if (random.next() < 0.3) await client.patch(replicaSet, web, scale((replicas = random.integer(4))))
        }
        await rig.settleTo(async () => {
          const { status } = await client.get(replicaSet, web)
          const all = (await rig.pods()).length === replicas && (status?.availableReplicas ?? 0) === replicas
          return all && (await nothingLeaked(rig, [metadata.uid]))
        })
      })
    }
  })

  it('a deployment rolls out, and never below what it has to keep available', { timeout: limitMs }, async () => {
    for (const seed of seedsOf(150, 100_001)) {
      const both = [startDeploymentController, startReplicaSetController]
      await server.run(seed, both, kindsOf(replicaSet, deployment), async (rig) => {
        const { client, random } = rig
        const replicas = 2 + random.integer(2)
        let tag = 1
        await client.create(deployment, { metadata: web, spec: { replicas, selector, template: template() } })
        const up = async () => (await client.get(deployment, web)).status?.availableReplicas === replicas
        while (!(await up())) await rig.step()
        for (let step = 0; step < steps; step++) {
          if (random.next() < 0.3) await client.patch(deployment, web, update(++tag))
          await rig.step()
          expect(await rig.ready()).toBeGreaterThanOrEqual(replicas)
        }
        await rig.settleTo(async () => {
          const { status } = await client.get(deployment, web)
          const images = await imagesOf(rig)
          const sets = (await client.list(replicaSet, { namespace: web.namespace })).items
          return (
            status?.updatedReplicas === replicas &&
            status.availableReplicas === replicas &&
            images.length === replicas &&
            images.every((one) => one === image(tag)) &&
            sets.length <= tag &&
            (await nothingLeaked(
              rig,
              sets.map((set) => set.metadata.uid),
            ))
          )
        })
      })
    }
  })

  it('a stateful set keeps its order, and each ordinal to one pod', { timeout: limitMs }, async () => {
    for (const seed of seedsOf(150, 200_001)) {
      const kinds = kindsOf(controllerRevision, statefulSet)
      await server.run(seed, [startStatefulSetController], kinds, async (rig) => {
        const { client, random } = rig
        let replicas = 2 + random.integer(2)
        let tag = 1
        const { metadata } = await client.create(statefulSet, {
          metadata: web,
          spec: { replicas, serviceName: 'web', selector, template: template() },
        })
        for (let step = 0; step < steps; step++) {
          await rig.step()
          const pods = await rig.pods()
          const hosts = pods.map(({ spec }) => spec?.hostname)
          expect(new Set(hosts).size).toBe(hosts.length)
          if (random.next() < 0.2) await client.patch(statefulSet, web, scale((replicas = random.integer(4))))
          if (random.next() < 0.2) await client.patch(statefulSet, web, update(++tag))
        }
        await rig.settleTo(async () => {
          const names = (await rig.pods()).map((pod) => pod.metadata.name).sort()
          const { status } = await client.get(statefulSet, web)
          return (
            names.join() === Array.from({ length: replicas }, (_, ordinal) => `web-${ordinal}`).join() &&
            (await imagesOf(rig)).every((one) => one === image(tag)) &&
            (status?.availableReplicas ?? 0) === replicas &&
            (await nothingLeaked(rig, [metadata.uid]))
          )
        })
      })
    }
  })

  it('a daemon set has one pod on each node', { timeout: limitMs }, async () => {
    for (const seed of seedsOf(80, 300_001)) {
      const kinds = kindsOf(controllerRevision, daemonSet)
      await server.run(seed, [startDaemonSetController], kinds, async (rig) => {
        const { client, random } = rig
        let tag = 1
        const { metadata } = await client.create(daemonSet, { metadata: web, spec: { selector, template: template() } })
        for (let step = 0; step < steps; step++) {
          await rig.step()
          if (random.next() < 0.2) await client.patch(daemonSet, web, update(++tag))
        }
        await rig.settleTo(async () => {
          const pods = await rig.pods()
          const places = pods.map(({ spec }) => spec?.nodeName).sort()
          return (
            places.join() === [...rigNodes].sort().join() &&
            (await imagesOf(rig)).every((one) => one === image(tag)) &&
            (await nothingLeaked(rig, [metadata.uid]))
          )
        })
      })
    }
  })

  it('a job counts each of its pods once, and lets all of them go', { timeout: limitMs }, async () => {
    for (const seed of seedsOf(80, 400_001)) {
      await server.run(seed, [startJobController], kindsOf(job), async (rig) => {
        const { client, random } = rig
        const completions = 1 + random.integer(3)
        const { metadata, spec } = template()
        const made = await client.create(job, {
          metadata: web,
          spec: {
            completions,
            parallelism: 2,
            backoffLimit: 50,
            ...(random.next() < 0.5 ? { completionMode: 'Indexed' } : {}),
            template: { metadata, spec: { ...spec, restartPolicy: 'Never' } },
          },
        })
        for (let step = 0; step < steps; step++) await rig.step()
        await rig.settleTo(async () => {
          const { status } = await client.get(job, web)
          const pods = await rig.pods()
          const count = (phase: string) => pods.filter((pod) => pod.status?.phase === phase).length
          return (
            status?.conditions?.some(({ type }) => type === 'Complete') === true &&
            status.succeeded === completions &&
            count('Succeeded') >= completions &&
            pods.every((pod) => pod.metadata.finalizers === undefined) &&
            (await nothingLeaked(rig, [made.metadata.uid]))
          )
        })
      })
    }
  })

  it('the slices of a service name its pods, each once', { timeout: limitMs }, async () => {
    for (const seed of seedsOf(60, 500_001)) {
      const both = [startReplicaSetController, startEndpointSliceController]
      await server.run(seed, both, kindsOf(endpointSlice, service, replicaSet), async (rig) => {
        const { client, random } = rig
        let replicas = 1 + random.integer(3)
        await client.create(service, { metadata: web, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
        await client.create(replicaSet, { metadata: web, spec: { replicas, selector, template: template() } })
        for (let step = 0; step < steps; step++) {
          await rig.step()
          if (random.next() < 0.3) await client.patch(replicaSet, web, scale((replicas = 1 + random.integer(3))))
        }
        await rig.settleTo(async () => {
          const slices = (await client.list(endpointSlice, { namespace: web.namespace })).items.filter(
            (slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === 'web',
          )
          const named = slices.flatMap(({ endpoints = [] }) => endpoints.map(({ targetRef }) => targetRef?.uid ?? ''))
          const pods = (await rig.pods()).map((pod) => pod.metadata.uid)
          return named.length === replicas && named.sort().join() === pods.sort().join()
        })
      })
    }
  })
})

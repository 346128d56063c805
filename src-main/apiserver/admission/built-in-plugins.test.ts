import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { node } from '../../api/kinds/core/node.ts'
import { persistentVolumeClaim } from '../../api/kinds/core/persistent-volume-claim.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import { serviceAccount } from '../../api/kinds/core/service-account.ts'
import { kindByResource } from '../../api/kinds/index.ts'
import { ingressClass } from '../../api/kinds/networking/ingress-class.ts'
import { ingress } from '../../api/kinds/networking/ingress.ts'
import { priorityClass } from '../../api/kinds/scheduling/priority-class.ts'
import { storageClass } from '../../api/kinds/storage/storage-class.ts'
import type { Kind } from '../../api/define-kind.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { PersistentVolumeClaimSpec, PodSpec } from '../../api/types/core-v1.ts'
import { startTestServer } from '../../../test/support/api-server.ts'

const namespace = 'default'
const runtimeClass = kindByResource('node.k8s.io', 'v1', 'runtimeclasses') as unknown as Kind<DynamicObject>
const aPod = (name: string, spec: Partial<PodSpec> = {}, annotations: Record<string, string> = {}) => ({
  metadata: { name, namespace, annotations },
  spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
})
const aClaim = (name: string, spec: Partial<PersistentVolumeClaimSpec> = {}) => ({
  metadata: { name, namespace },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
})
const forbidden = (message: string) => ({ code: 403, message })

describe('priority classes', () => {
  it('have one default at most, which pods without a class get', async () => {
    const { client } = await startTestServer()
    const first = { metadata: { name: 'first' }, value: 7, globalDefault: true, preemptionPolicy: 'Never' }
    await client.create(priorityClass, first)
    await expect(client.create(priorityClass, { ...first, metadata: { name: 'second' } })).rejects.toMatchObject(
      forbidden(
        'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass first is already marked as default. Only one default can exist',
      ),
    )
    const { spec } = await client.create(pod, aPod('p'))
    expect(spec).toMatchObject({ priority: 7, priorityClassName: 'first', preemptionPolicy: 'Never' })
    await expect(client.create(pod, aPod('q', { preemptionPolicy: 'PreemptLowerPriority' }))).rejects.toMatchObject({
      code: 403,
    })
  })
})

describe('runtime classes', () => {
  it('give their pods overhead and a place', async () => {
    const { client } = await startTestServer()
    const toleration = { key: 'vm', operator: 'Exists' }
    await client.create(runtimeClass, {
      metadata: { name: 'vm' },
      handler: 'vm',
      overhead: { podFixed: { cpu: '250m' } },
      scheduling: { nodeSelector: { vm: 'yes' }, tolerations: [toleration] },
    })
    const { spec } = await client.create(pod, aPod('p', { runtimeClassName: 'vm', nodeSelector: { disk: 'ssd' } }))
    expect(spec).toMatchObject({ overhead: { cpu: '250m' }, nodeSelector: { disk: 'ssd', vm: 'yes' } })
    expect(spec?.tolerations).toContainEqual(toleration)
    const refused: [Partial<PodSpec>, string][] = [
      [{ runtimeClassName: 'none' }, 'RuntimeClass "none" not found'],
      [{ overhead: { cpu: '1' } }, 'Pod Overhead set without corresponding RuntimeClass defined Overhead'],
      [
        { runtimeClassName: 'vm', overhead: { cpu: '1' } },
        "Pod's Overhead doesn't match RuntimeClass's defined Overhead",
      ],
      [
        { runtimeClassName: 'vm', nodeSelector: { vm: 'no' } },
        'conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no',
      ],
    ]
    for (const [wrong, words] of refused)
      await expect(client.create(pod, aPod('q', wrong))).rejects.toMatchObject(
        forbidden(`pods "q" is forbidden: pod rejected: ${words}`),
      )
  })
})

describe('default classes', () => {
  it('are what claims get that name none: of two defaults the newest', async () => {
    const { client, clock } = await startTestServer()
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
    expect((await client.create(persistentVolumeClaim, aClaim('none'))).spec?.storageClassName).toBeUndefined()
    await client.create(storageClass, { metadata: { name: 'a', annotations }, provisioner: 'p' })
    await clock.advance(5000)
    await client.create(storageClass, { metadata: { name: 'b', annotations }, provisioner: 'p' })
    expect((await client.create(persistentVolumeClaim, aClaim('c'))).spec?.storageClassName).toBe('b')
    const without = aClaim('d', { storageClassName: '' })
    expect((await client.create(persistentVolumeClaim, without)).spec?.storageClassName).toBe('')
  })

  it('are what ingresses get that name none', async () => {
    const { client } = await startTestServer()
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' }
    await client.create(ingressClass, { metadata: { name: 'main', annotations }, spec: { controller: 'x.io/y' } })
    const backend = { service: { name: 'web', port: { number: 80 } } }
    const made = await client.create(ingress, { metadata: { name: 'i', namespace }, spec: { defaultBackend: backend } })
    expect(made.spec?.ingressClassName).toBe('main')
  })
})

describe('claims', () => {
  it('are protected while they are in use', async () => {
    const { client } = await startTestServer()
    const { metadata } = await client.create(persistentVolumeClaim, aClaim('c'))
    expect(metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
  })

  it('grow when they are bound and their class allows it', async () => {
    const { client } = await startTestServer()
    await client.create(storageClass, { metadata: { name: 'soft' }, provisioner: 'p', allowVolumeExpansion: true })
    await client.create(storageClass, { metadata: { name: 'hard' }, provisioner: 'p' })
    for (const storageClassName of ['soft', 'hard'])
      await client.create(persistentVolumeClaim, aClaim(storageClassName, { storageClassName, volumeName: 'v' }))
    const grow = (name: string) => {
      const patch = { spec: { resources: { requests: { storage: '2Gi' } } } }
      return client.patch(persistentVolumeClaim, { name, namespace }, { type: 'merge', patch })
    }
    // Validation comes before what admission says of it.
    await expect(grow('soft')).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining('spec is immutable after creation except resources.requests') as string,
    })
    for (const name of ['soft', 'hard']) {
      const patch = { status: { phase: 'Bound', capacity: { storage: '1Gi' } } }
      await client.patch(
        persistentVolumeClaim,
        { name, namespace },
        { type: 'merge', patch },
        { subresource: 'status' },
      )
    }
    await grow('soft')
    await expect(grow('hard')).rejects.toMatchObject({ code: 403 })
  })
})

describe('nodes', () => {
  it('take no pods before they are ready, and give pods their zone', async () => {
    const { client } = await startTestServer()
    const labels = { 'topology.kubernetes.io/zone': 'z1', 'topology.kubernetes.io/region': 'r1', other: 'x' }
    const made = await client.create(node, { metadata: { name: 'n', labels } })
    expect(made.spec?.taints).toEqual([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }])
    await client.create(pod, aPod('p'))
    const binding = { target: { kind: 'Node', name: 'n' } }
    await client.post(pod, { name: 'p', namespace }, 'binding', binding)
    expect((await client.get(pod, { name: 'p', namespace })).metadata.labels).toEqual({
      'topology.kubernetes.io/zone': 'z1',
      'topology.kubernetes.io/region': 'r1',
    })
  })
})

describe('service accounts', () => {
  const keys = () =>
    generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })

  it('must be there, and give their pods what they need to pull images', async () => {
    const { client } = await startTestServer({ serviceAccountKeys: keys() })
    await client.create(serviceAccount, { metadata: { name: 'robot', namespace }, imagePullSecrets: [{ name: 'reg' }] })
    const made = await client.create(pod, aPod('p', { serviceAccountName: 'robot' }))
    expect(made.spec?.imagePullSecrets).toEqual([{ name: 'reg' }])
    // At once: nobody waits for an account that does not come by itself.
    await expect(client.create(pod, aPod('q', { serviceAccountName: 'nobody' }))).rejects.toMatchObject(
      forbidden(
        'pods "q" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found',
      ),
    )
  })

  it('may come a moment after the pod', async () => {
    const { client, clock } = await startTestServer({ serviceAccountKeys: keys() })
    const created = client.create(pod, aPod('p'))
    await clock.advance(300)
    await client.create(serviceAccount, { metadata: { name: 'default', namespace } })
    expect((await created).spec?.serviceAccountName).toBe('default')
  })

  it('are waited for only so long', async () => {
    const { client, clock } = await startTestServer({ serviceAccountKeys: keys() })
    const refused = expect(client.create(pod, aPod('p'))).rejects.toMatchObject({ code: 403 })
    await clock.advance(2000)
    await refused
  })

  it('are none of mirror pods', async () => {
    const { client } = await startTestServer()
    const annotations = { 'kubernetes.io/config.mirror': 'x' }
    await expect(client.create(pod, aPod('p', { serviceAccountName: 'robot' }, annotations))).rejects.toMatchObject(
      forbidden('pods "p" is forbidden: a mirror pod may not reference service accounts'),
    )
    const volumes = [{ name: 's', secret: { secretName: 's' } }]
    await expect(client.create(pod, aPod('p', { volumes }, annotations))).rejects.toMatchObject({ code: 403 })
  })
})

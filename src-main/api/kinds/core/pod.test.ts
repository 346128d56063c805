import { describe, expect, it } from 'vitest'
import type { FieldError } from '../../field-error.ts'
import type { Container, EphemeralContainer, Pod, PodSpec } from '../../types/core-v1.ts'
import { pod } from './pod.ts'

function aPod(spec: Partial<PodSpec> = {}, container: Partial<Container> = {}): Pod {
  const draft: Pod = {
    metadata: { name: 'web', namespace: 'default' },
    spec: { containers: [{ name: 'main', image: 'orrery.dev/web:1', ...container }], ...spec },
  }
  pod.defaults?.(draft)
  return draft
}

const brief = (errors: FieldError[] | undefined): string[] =>
  (errors ?? []).map(({ path, detail }) => `${path} ${detail}`)
const errorsOf = (spec: Partial<PodSpec>, container: Partial<Container> = {}): string[] =>
  brief(pod.validate?.(aPod(spec, container)))
const pathsOf = (spec: Partial<PodSpec>, container: Partial<Container> = {}): string[] =>
  (pod.validate?.(aPod(spec, container)) ?? []).map(({ path }) => path)

describe('defaults of pods', () => {
  it('completes the spec as Kubernetes does', () => {
    expect(aPod().spec).toEqual({
      containers: [
        {
          name: 'main',
          image: 'orrery.dev/web:1',
          imagePullPolicy: 'IfNotPresent',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: true,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    })
  })

  it.each([
    ['web', 'Always'],
    ['web:latest', 'Always'],
    ['host:5000/web', 'Always'],
    ['host:5000/web:2', 'IfNotPresent'],
    ['web@sha256:0123', 'IfNotPresent'],
    ['web:latest@sha256:0123', 'Always'],
  ])('pulls %s by the policy %s', (image, policy) => {
    expect(aPod({}, { image }).spec?.containers[0]?.imagePullPolicy).toBe(policy)
  })

  it('asks for what is limited when nothing else is asked for', () => {
    const resources = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } }
    expect(aPod({}, { resources }).spec?.containers[0]?.resources?.requests).toEqual({ cpu: '500m', memory: '1Gi' })
  })

  it('completes probes and their paths', () => {
    const probe = aPod({}, { readinessProbe: { httpGet: { port: 80 } } }).spec?.containers[0]?.readinessProbe
    expect(probe).toEqual({
      failureThreshold: 3,
      httpGet: { path: '/', port: 80, scheme: 'HTTP' },
      periodSeconds: 10,
      successThreshold: 1,
      timeoutSeconds: 1,
    })
  })

  it('takes a volume without a source for an empty directory', () => {
    expect(aPod({ volumes: [{ name: 'a' }] }).spec?.volumes).toEqual([{ name: 'a', emptyDir: {} }])
  })

  it('gives ports of the host network their own number', () => {
    const draft = aPod({ hostNetwork: true }, { ports: [{ containerPort: 80 }] })
    expect(draft.spec?.containers[0]?.ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: 'TCP' }])
  })

  it('changes nothing the second time', () => {
    const once = aPod({ volumes: [{ name: 'a' }] }, { ports: [{ containerPort: 80 }] })
    const twice = structuredClone(once)
    pod.defaults?.(twice)
    expect(twice).toEqual(once)
  })
})

describe('a new pod', () => {
  it.each([
    [{}, 'BestEffort'],
    [{ requests: { cpu: '1' } }, 'Burstable'],
    [{ limits: { cpu: '1' } }, 'Burstable'],
    [{ limits: { cpu: '1', memory: '1Gi' } }, 'Guaranteed'],
    [{ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1024Mi' } }, 'Guaranteed'],
  ])('with %o is pending and %s', (resources, qosClass) => {
    const draft = aPod({}, { resources })
    draft.status = { phase: 'Running' }
    pod.prepareCreate?.(draft)
    expect(draft.status).toEqual({ phase: 'Pending', qosClass })
    expect(draft.metadata?.generation).toBe(1)
  })
})

describe('validation of pods', () => {
  it('accepts a plain pod', () => expect(errorsOf({})).toEqual([]))

  it.each<[string, Partial<PodSpec>, Partial<Container>, string[]]>([
    ['no containers', { containers: [] }, {}, ['spec.containers']],
    ['no image', {}, { image: '' }, ['spec.containers[0].image']],
    ['a space around an image', {}, { image: ' web' }, ['spec.containers[0].image']],
    ['a bad container name', {}, { name: 'Main' }, ['spec.containers[0].name']],
    ['a bad restart policy', { restartPolicy: 'Sometimes' }, {}, ['spec.restartPolicy']],
    ['a bad DNS policy', { dnsPolicy: 'Mine' }, {}, ['spec.dnsPolicy']],
    ['a DNS of its own without servers', { dnsPolicy: 'None' }, {}, ['spec.dnsConfig']],
    [
      'kernel parameters of bad names',
      { securityContext: { sysctls: ['foo-', 'kernel.shmmax', 'bar..'].map((name) => ({ name, value: '1' })) } },
      {},
      ['spec.securityContext.sysctls[0].name', 'spec.securityContext.sysctls[2].name'],
    ],
    ['a deadline of zero', { activeDeadlineSeconds: 0 }, {}, ['spec.activeDeadlineSeconds']],
    ['a port out of range', {}, { ports: [{ containerPort: 70000 }] }, ['spec.containers[0].ports[0].containerPort']],
    ['no port number', {}, { ports: [{ containerPort: 0 }] }, ['spec.containers[0].ports[0].containerPort']],
    [
      'a port name in capitals',
      {},
      { ports: [{ containerPort: 1, name: 'A' }] },
      ['spec.containers[0].ports[0].name', 'spec.containers[0].ports[0].name'],
    ],
    ['a variable with =', {}, { env: [{ name: 'a=b' }] }, ['spec.containers[0].env[0].name']],
    [
      'an unknown field reference',
      {},
      { env: [{ name: 'a', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] },
      ['spec.containers[0].env[0].valueFrom.fieldRef.fieldPath'],
    ],
    [
      'a negative request',
      {},
      { resources: { requests: { cpu: '-1' } } },
      ['spec.containers[0].resources.requests[cpu]'],
    ],
    [
      'a request above its limit',
      {},
      { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } },
      ['spec.containers[0].resources.requests'],
    ],
    [
      'an unknown resource',
      {},
      { resources: { requests: { coffee: '1' } } },
      ['spec.containers[0].resources.requests[coffee]'],
    ],
    [
      'a mount of no volume',
      {},
      { volumeMounts: [{ name: 'a', mountPath: '/a' }] },
      ['spec.containers[0].volumeMounts[0].name'],
    ],
    ['a probe without a handler', {}, { livenessProbe: {} }, ['spec.containers[0].livenessProbe']],
    [
      'a liveness probe that wants two successes',
      {},
      {
        livenessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 },
      },
      ['spec.containers[0].livenessProbe.successThreshold'],
    ],
    ['two volumes of one name', { volumes: [{ name: 'a' }, { name: 'a' }] }, {}, ['spec.volumes[1].name']],
    [
      'two sources in a volume',
      { volumes: [{ name: 'a', emptyDir: {}, hostPath: { path: '/' } }] },
      {},
      ['spec.volumes[0].hostPath'],
    ],
    [
      'a host path upwards',
      { volumes: [{ name: 'a', hostPath: { path: '/a/../b' } }] },
      {},
      ['spec.volumes[0].hostPath.path'],
    ],
    ['a toleration of nothing', { tolerations: [{ operator: 'Equal' }] }, {}, ['spec.tolerations[0].operator']],
    [
      'seconds without NoExecute',
      { tolerations: [{ key: 'a', tolerationSeconds: 1 }] },
      {},
      ['spec.tolerations[0].effect'],
    ],
    [
      'a probe on an init container',
      { initContainers: [{ name: 'i', image: 'i', livenessProbe: { exec: { command: ['a'] } } }] },
      {},
      ['spec.initContainers[0].livenessProbe'],
    ],
    [
      'an init container named as another',
      { initContainers: [{ name: 'main', image: 'i' }] },
      {},
      ['spec.initContainers[0].name'],
    ],
    [
      'no skew',
      { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }] },
      {},
      ['spec.topologySpreadConstraints[0].maxSkew'],
    ],
  ])('refuses %s', (_, spec, container, paths) => {
    expect(pathsOf(spec, container)).toEqual(paths)
  })

  it('says it in the words that clients know', () => {
    const [error] = pod.validate?.(aPod({}, { resources: { requests: { cpu: '200m' }, limits: { cpu: '0.1' } } })) ?? []
    expect(error).toMatchObject({ value: '200m', detail: 'must be less than or equal to cpu limit of 100m' })
  })
})

describe('an update of a pod', () => {
  const update = (change: (spec: PodSpec) => void): string[] => {
    const before = aPod({ nodeName: 'one', tolerations: [{ key: 'a', operator: 'Exists' }] })
    const after = structuredClone(before)
    change(after.spec!)
    return (pod.validateUpdate?.(after, before, '') ?? []).map(({ path, detail }) => `${path} ${detail}`)
  }

  it('may set another image', () => {
    expect(update((spec) => (spec.containers[0]!.image = 'web:2'))).toEqual([])
  })

  it('may add a toleration, but not take one away', () => {
    expect(update((spec) => spec.tolerations?.push({ key: 'b', operator: 'Exists' }))).toEqual([])
    expect(update((spec) => (spec.tolerations = []))).toHaveLength(1)
  })

  it('may not move it to another node', () => {
    const [error] = update((spec) => (spec.nodeName = 'two'))
    expect(error).toMatch(/^spec pod updates may not change fields other than .*spec\.nodeName$/s)
  })

  it('may not add containers', () => {
    expect(update((spec) => spec.containers.push({ name: 'b', image: 'b' }))).toEqual([
      'spec.containers pod updates may not add or remove containers',
    ])
  })

  it('may shorten a deadline, but not lengthen or drop it', () => {
    const before = aPod({ activeDeadlineSeconds: 10 })
    const paths = (activeDeadlineSeconds: number | undefined): string[] =>
      (pod.validateUpdate?.({ ...before, spec: { ...before.spec!, activeDeadlineSeconds } }, before) ?? []).map(
        (e) => e.path,
      )
    expect(paths(5)).toEqual([])
    expect(paths(11)).toEqual(['spec.activeDeadlineSeconds'])
    expect(paths(undefined)).toEqual(['spec.activeDeadlineSeconds'])
  })
})

describe('a write through a subresource of a pod', () => {
  const update = (subresource: string, change: (draft: PodSpec) => void, before = aPod()): string[] => {
    const after = structuredClone(before)
    change(after.spec!)
    return (pod.validateUpdate?.(after, before, subresource) ?? []).map(({ path }) => path)
  }

  it('may add a container for debugging, but not change one that is there', () => {
    const before = aPod({ ephemeralContainers: [{ name: 'debug', image: 'a' }] })
    const add = (spec: PodSpec): unknown => spec.ephemeralContainers?.push({ name: 'more', image: 'b' })
    const change = (spec: PodSpec): unknown => (spec.ephemeralContainers![0]!.image = 'b')
    const remove = (spec: PodSpec): unknown => (spec.ephemeralContainers = [])
    expect(update('ephemeralcontainers', add, before)).toEqual([])
    expect(update('ephemeralcontainers', change, before)).toEqual(['spec.ephemeralContainers'])
    expect(update('ephemeralcontainers', remove, before)).toEqual(['spec.ephemeralContainers'])
    expect(update('', add, before)).toEqual(['spec'])
  })

  it('may resize a container within the class of its pod', () => {
    const before = aPod({}, { resources: { requests: { cpu: '1' } } })
    const resize = (requests: Record<string, string>) => (spec: PodSpec) => {
      spec.containers[0]!.resources = { requests }
    }
    expect(update('resize', resize({ cpu: '2' }), before)).toEqual([])
    const refused = ['spec', 'spec.containers[0].resources.requests']
    expect(update('resize', resize({}), before)).toEqual(refused)
  })

  it('may bind it to a node', () => {
    expect(update('binding', (spec) => (spec.nodeName = 'one'))).toEqual([])
    expect(update('', (spec) => (spec.nodeName = 'one'))).toEqual(['spec'])
  })
})

describe('containers for debugging', () => {
  it.each<[string, Partial<EphemeralContainer>, string[]]>([
    ['nothing more', {}, []],
    ['the name of another', { name: 'main' }, ['spec.ephemeralContainers[0].name']],
    ['a target that is not there', { targetContainerName: 'x' }, ['spec.ephemeralContainers[0].targetContainerName']],
    ['a target that is', { targetContainerName: 'main' }, []],
    ['ports', { ports: [{ containerPort: 80 }] }, ['spec.ephemeralContainers[0].ports']],
    ['resources', { resources: { limits: { cpu: '1' } } }, ['spec.ephemeralContainers[0].resources']],
  ])('with %s have errors at %j', (_, more, paths) => {
    expect(pathsOf({ ephemeralContainers: [{ name: 'debug', image: 'a', ...more }] })).toEqual(paths)
  })
})

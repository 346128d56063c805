import { describe, expect, it } from 'vitest'
import type { DynamicObject } from '../meta/object.ts'
import { kindByResource } from '../kinds/index.ts'

/** `resource` is `group/plural`. */
function warningsOf(resource: string, object: DynamicObject, previous: DynamicObject | undefined): readonly string[] {
  const [group = '', plural = ''] = resource.split('/')
  const warn = kindByResource(group === 'core' ? '' : group, 'v1', plural)?.warn
  if (warn === undefined) throw new Error(`${resource} has no warnings`)
  return warn(object, previous)
}

const container = { name: 'c', image: 'i' }
const warned = (resource: string, object: object): readonly string[] =>
  warningsOf(resource, { metadata: { name: 'a' }, ...object } as DynamicObject, undefined)
const ofPod = (spec: object, metadata: object = {}): readonly string[] =>
  warned('core/pods', { metadata: { name: 'a', ...metadata }, spec: { containers: [container], ...spec } })

describe('a pod is taken with a warning', () => {
  it.each<[string, object, string[]]>([
    ['nothing', {}, []],
    [
      'an old label of nodes',
      { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
      ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
    ],
    [
      'an old label in a term',
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'beta.kubernetes.io/arch', operator: 'Exists' }] }],
            },
          },
        },
      },
      [
        'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: ' +
          'beta.kubernetes.io/arch is deprecated since v1.14; use "kubernetes.io/arch" instead',
      ],
    ],
    [
      'spread over nothing',
      { topologySpreadConstraints: [{ topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }] },
      ['spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod'],
    ],
    [
      'near nothing',
      { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] } } },
      [
        'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: ' +
          'a null labelSelector results in matching no pod',
      ],
    ],
    [
      'an old volume',
      { volumes: [{ name: 'v', gitRepo: { repository: 'r' } }] },
      ['spec.volumes[0].gitRepo: deprecated in v1.11'],
    ],
    [
      'files over each other',
      {
        volumes: [
          {
            name: 'v',
            configMap: {
              name: 'm',
              items: [
                { key: 'a', path: 'p' },
                { key: 'b', path: 'p/q' },
              ],
            },
          },
        ],
      },
      ['volume "v" (ConfigMap "m"): overlapping paths: "p/q" with "p"'],
    ],
    [
      'projected files over each other',
      {
        volumes: [
          {
            name: 'v',
            projected: {
              sources: [
                { configMap: { name: 'm', items: [{ key: 'a', path: 'token' }] } },
                { serviceAccountToken: { path: 'token' } },
              ],
            },
          },
        ],
      },
      ['volume "v" (Projected ServiceAccountToken): overlapping paths: "token" with "token"'],
    ],
    [
      'the same secret twice',
      { imagePullSecrets: [{ name: 's' }, { name: 's' }, {}] },
      ['spec.imagePullSecrets[1].name: duplicate name "s"', 'spec.imagePullSecrets[2].name: invalid empty name ""'],
    ],
    [
      'half a byte',
      { containers: [{ ...container, resources: { limits: { memory: '1500m' } } }] },
      ['spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer'],
    ],
    [
      'a hidden variable',
      {
        containers: [
          {
            ...container,
            env: [
              { name: 'A', value: '1' },
              { name: 'A', value: '2' },
            ],
          },
        ],
      },
      ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
    ],
    [
      'no warning of a variable that is built upon',
      {
        containers: [
          {
            ...container,
            env: [
              { name: 'A', value: '1' },
              { name: 'A', value: '$(A)2' },
            ],
          },
        ],
      },
      [],
    ],
    [
      'the same port twice',
      { containers: [{ ...container, ports: [{ containerPort: 80 }, { containerPort: 80 }] }] },
      ['spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]'],
    ],
    [
      'a port that is another one as well',
      { containers: [{ ...container, ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 80 }] }] },
      ['spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]'],
    ],
    [
      'less than no time',
      { terminationGracePeriodSeconds: -1 },
      ['spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1'],
    ],
  ])('of %s', (_what, spec, warnings) => expect(ofPod(spec)).toEqual(warnings))

  it('of annotations that do nothing any more', () => {
    const annotations = {
      'seccomp.security.alpha.kubernetes.io/pod': 'x',
      'container.apparmor.security.beta.kubernetes.io/c': 'x',
    }
    expect(ofPod({}, { annotations })).toEqual([
      'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead',
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead',
    ])
  })

  it('of a name that is no label', () => {
    const [warning] = ofPod({}, { name: 'a.b' })
    expect(warning).toContain(
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [",
    )
  })
})

describe('other objects', () => {
  const old = { spec: { containers: [container], nodeSelector: { 'beta.kubernetes.io/os': 'linux' } } }
  const text = 'nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'

  it.each([
    ['core/podtemplates', { template: old }, `template.spec.${text}`],
    ['apps/deployments', { spec: { template: old } }, `spec.template.spec.${text}`],
    ['apps/statefulsets', { spec: { template: old } }, `spec.template.spec.${text}`],
    ['batch/jobs', { spec: { template: old } }, `spec.template.spec.${text}`],
    [
      'batch/cronjobs',
      { spec: { jobTemplate: { spec: { template: old } } } },
      `spec.jobTemplate.spec.template.spec.${text}`,
    ],
    [
      'core/services',
      { spec: { externalIPs: ['1.2.3.4'] } },
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    ],
    [
      'core/services',
      { spec: { clusterIP: 'fd00:0::1', clusterIPs: ['fd00:0::1'] } },
      'spec.clusterIPs[0]: IPv6 address "fd00:0::1" should be in RFC 5952 canonical format ("fd00::1")',
    ],
    [
      'core/persistentvolumes',
      { spec: { persistentVolumeReclaimPolicy: 'Recycle' } },
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    ],
    [
      'core/persistentvolumeclaims',
      { spec: { resources: { requests: { storage: '1500m' } } } },
      'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
    ],
    [
      'core/secrets',
      { type: 'kubernetes.io/tls', data: { 'tls.crt': '', 'tls.key': '' } },
      'tls: failed to find any PEM data in certificate input',
    ],
    [
      'networking.k8s.io/ingresses',
      { metadata: { name: 'a', annotations: { 'kubernetes.io/ingress.class': 'x' } } },
      `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
    ],
  ])('of %s: %j', (resource, object, warning) => expect(warned(resource, object)).toEqual([warning]))

  it('are not warned of what an update leaves as it was', () => {
    const object = { metadata: { name: 'a', generation: 2 }, spec: { template: old } } as DynamicObject
    const before = { ...object, metadata: { name: 'a', generation: 1 } }
    expect(warningsOf('apps/deployments', object, object)).toEqual([])
    expect(warningsOf('apps/deployments', object, before)).toHaveLength(1)
  })
})

describe('warnings of vast pods', () => {
  const ports = (count: number, port: (index: number) => object): object => ({
    containers: [{ ...container, ports: Array.from({ length: count }, (_, index) => port(index)) }],
  })
  const files = (count: number): object => ({
    volumes: [
      {
        name: 'v',
        configMap: { name: 'm', items: Array.from({ length: count }, () => ({ key: 'a', path: 'p' })) },
      },
    ],
  })

  it('are as many as a response has room for', () => {
    expect(ofPod(ports(10, () => ({ containerPort: 80 })))).toHaveLength(45)
    expect(ofPod(ports(30_000, () => ({ containerPort: 80 })))).toHaveLength(100)
    expect(ofPod(files(10))).toHaveLength(9)
    expect(ofPod(files(30_000))).toHaveLength(511)
    expect(ofPod({ hostAliases: Array.from({ length: 30_000 }, () => ({ ip: '10.0.0.1' })) })).toHaveLength(29_999)
  })

  it('do not take the slashes of a path one by one', () => {
    const path = `a${'/'.repeat(500_000)}b`
    expect(ofPod({ volumes: [{ name: 'v', secret: { secretName: 's', items: [{ key: 'a', path }] } }] })).toEqual([])
  })
})

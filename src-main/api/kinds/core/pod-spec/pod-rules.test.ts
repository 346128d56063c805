import { describe, expect, it } from 'vitest'
import { creationCauses, type Changes } from '../../../../../test/support/validation.ts'
import type { Pod, PodTemplate } from '../../../types/core-v1.ts'
import { podTemplate } from '../pod-template.ts'
import { pod } from '../pod.ts'

const aPod: Pod = { metadata: { name: 'web' }, spec: { containers: [{ name: 'web', image: 'web:1' }] } }
const first = 'spec.containers.0'
const container = 'spec.containers[0]'
const onWindows = 'Forbidden: cannot be set for a windows pod'

describe('a pod for Windows', () => {
  const user = (name: string): Changes => ({ 'spec.securityContext.windowsOptions.runAsUserName': name })
  const at = 'spec.securityContext.windowsOptions'
  it.each<[Changes, string[]]>([
    [user('CONTOSO\\web'), []],
    [user('web'), []],
    [user(''), ['runAsUserName: Invalid value: "": runAsUserName cannot be an empty string']],
    [user('a\tb'), ['runAsUserName: Invalid value: "a\\tb": runAsUserName cannot contain control characters']],
    [
      user('a\\b\\c'),
      ['runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash'],
    ],
    [
      user('.a.\\'),
      [
        `runAsUserName: Invalid value: ".a.\\\\": runAsUserName's Domain doesn't match the NetBios nor the DNS format`,
        `runAsUserName: Invalid value: ".a.\\\\": runAsUserName's User cannot be empty`,
      ],
    ],
    [user('. .'), [`runAsUserName: Invalid value: ". .": runAsUserName's User cannot contain only periods or spaces`]],
    [
      user('a|b'),
      [
        `runAsUserName: Invalid value: "a|b": runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`,
      ],
    ],
    [
      { [`${at}.gmsaCredentialSpec`]: '' },
      ['gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string'],
    ],
  ])('that runs with %j', (changes, causes) =>
    expect(creationCauses(pod, aPod, changes)).toEqual(causes.map((cause) => `${at}.${cause}`)),
  )

  it('is of processes of the node as a whole or not at all', () => {
    const two = { 'spec.containers.1': { name: 'b', image: 'b', securityContext: { windowsOptions: {} } } }
    const process = { windowsOptions: { hostProcess: true } }
    expect(creationCauses(pod, aPod, { 'spec.hostNetwork': true, 'spec.securityContext': process, ...two })).toEqual([])
    expect(creationCauses(pod, aPod, { [`${first}.securityContext`]: process, ...two })).toEqual([
      'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers',
      'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
    ])
    const own = { 'spec.containers.1.securityContext.windowsOptions.hostProcess': false }
    expect(creationCauses(pod, aPod, { 'spec.securityContext': process, ...two, ...own })[0]).toBe(
      'spec.containers[1].securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical if both are specified, was true',
    )
  })

  it('asks for nothing that only Linux has, in the order of Kubernetes', () => {
    const changes: Changes = {
      'spec.os.name': 'windows',
      'spec.hostIPC': true,
      'spec.hostUsers': true,
      'spec.shareProcessNamespace': false,
      'spec.securityContext': { runAsUser: 1, seLinuxChangePolicy: 'Recursive', sysctls: [], fsGroup: 1 },
      'spec.initContainers': [{ name: 'i', image: 'i', securityContext: { procMount: 'Default' } }],
      [`${first}.securityContext.privileged`]: false,
    }
    expect(creationCauses(pod, aPod, changes)).toEqual([
      `spec.hostUsers: ${onWindows}`,
      `spec.hostIPC: ${onWindows}`,
      `spec.securityContext.fsGroup: ${onWindows}`,
      `spec.shareProcessNamespace: ${onWindows}`,
      `spec.securityContext.runAsUser: ${onWindows}`,
      `spec.securityContext.seLinuxChangePolicy: ${onWindows}`,
      `spec.initContainers[0].securityContext.procMount: ${onWindows}`,
      `${container}.securityContext.privileged: ${onWindows}`,
    ])
  })
})

describe('a pod', () => {
  it.each<[Changes, string[]]>([
    [
      { [`${first}.lifecycle.stopSignal`]: 'SIGUSR1' },
      [`${container}.lifecycle.stopSignal: Forbidden: may not be set for containers with empty \`spec.os.name\``],
    ],
    [{ 'spec.os.name': 'linux', [`${first}.lifecycle.stopSignal`]: 'SIGRTMIN+15' }, []],
    [
      { 'spec.os.name': 'windows', [`${first}.lifecycle.stopSignal`]: 'SIGUSR1' },
      [`${container}.lifecycle.stopSignal: Unsupported value: "SIGUSR1": supported values: "SIGKILL", "SIGTERM"`],
    ],
    [{ 'spec.hostnameOverride': 'web.example.com' }, []],
    [
      { 'spec.hostnameOverride': `${'a'.repeat(60)}.abcd` },
      ['spec.hostnameOverride: Too long: may not be more than 64 bytes'],
    ],
    [
      { [`${first}.image`]: ' web', 'spec.initContainers': [{ name: 'i', image: 'i ' }] },
      [
        `${container}.image: Invalid value: " web": must not have leading or trailing whitespace`,
        'spec.initContainers[0].image: Invalid value: "i ": must not have leading or trailing whitespace',
      ],
    ],
    [
      { 'spec.hostNetwork': true, [`${first}.ports`]: [{ containerPort: 80, hostPort: 81 }] },
      [`${container}.ports[0].hostPort: Invalid value: 81: must match \`containerPort\` when \`hostNetwork\` is true`],
    ],
    [
      { [`${first}.ports`]: [1, 2].map((containerPort) => ({ containerPort, hostPort: 81 })) },
      [`${container}.ports[1].hostPort: Duplicate value: "TCP//81"`],
    ],
    [{ 'spec.terminationGracePeriodSeconds': -1 }, []],
    [
      { 'spec.dnsPolicy': 'None', 'spec.dnsConfig': { options: [{}] } },
      ['spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None'],
    ],
    [
      { 'spec.hostAliases': [{ ip: '10.0.0.1', hostnames: ['a', 'A'] }] },
      [
        `spec.hostAliases[0].hostnames[1]: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
      ],
    ],
    [
      { 'spec.tolerations': [{ key: 'a', operator: 'Exists', value: 'b' }] },
      ['spec.tolerations[0].operator: Invalid value: "b": value must be empty when `operator` is \'Exists\''],
    ],
    [
      { 'spec.tolerations': [{ key: 'a', operator: 'Odd', value: '!' }] },
      ['spec.tolerations[0].operator: Unsupported value: "Odd": supported values: "Equal", "Exists", "Lt", "Gt"'],
    ],
    [
      { 'spec.resources': { claims: [], limits: { cpu: '1' } }, [`${first}.resources.limits`]: { cpu: '2' } },
      [
        'spec.resources.claims: Forbidden: claims cannot be set for Resources at pod-level',
        'spec.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
      ],
    ],
    [
      {
        'spec.resources': { limits: { cpu: '1' } },
        [`${first}.resources`]: { requests: { cpu: '1' }, limits: { cpu: '2' } },
      },
      ['spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1'],
    ],
    [
      {
        'spec.topologySpreadConstraints': ['a', 'b', 'a'].map((topologyKey) => ({
          maxSkew: 1,
          topologyKey,
          whenUnsatisfiable: 'DoNotSchedule',
        })),
      },
      ['spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{a, DoNotSchedule}"'],
    ],
    [
      {
        [`${first}.securityContext`]: {
          allowPrivilegeEscalation: false,
          privileged: true,
          appArmorProfile: { type: 'Localhost', localhostProfile: ' a' },
        },
      },
      [
        `${container}.securityContext: Invalid value: {"allowPrivilegeEscalation":false,"privileged":true,"appArmorProfile":{"type":"Localhost","localhostProfile":" a"}}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
        `${container}.securityContext.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace`,
      ],
    ],
  ])('with %j', (changes, causes) => expect(creationCauses(pod, aPod, changes)).toEqual(causes))

  it('is complained of in the order of Kubernetes', () => {
    const changes: Changes = {
      'spec.volumes': [{ name: 'A', emptyDir: {} }],
      'spec.resourceClaims': [{}],
      [`${first}.livenessProbe`]: {},
      [`${first}.lifecycle`]: { preStop: {} },
      'spec.initContainers': [{ name: 'web', image: 'i' }],
      'spec.nodeName': 'A',
      'spec.restartPolicy': 'Odd',
      'spec.priorityClassName': 'A',
    }
    expect(creationCauses(pod, aPod, changes).map((cause) => cause.split(':')[0])).toEqual([
      'spec.volumes[0].name',
      'spec.resourceClaims[0].name',
      'spec.resourceClaims[0]',
      `${container}.lifecycle.preStop`,
      `${container}.livenessProbe`,
      'spec.initContainers[0].name',
      'spec.restartPolicy',
      'spec.nodeName',
      'spec.priorityClassName',
    ])
  })
})

describe('a projected volume', () => {
  const at = 'spec.volumes[0].projected.sources[0]'
  it.each<[object, string[]]>([
    [{ clusterTrustBundle: { name: 'a', path: 'f' } }, []],
    [{ clusterTrustBundle: { name: 'example.com:s:a', path: 'f' } }, []],
    [{ clusterTrustBundle: { signerName: 'example.com/s', path: 'f' } }, []],
    [
      { clusterTrustBundle: { path: '' } },
      [
        `${at}.clusterTrustBundle: Required value: either name or signerName must be specified`,
        `${at}.clusterTrustBundle.path: Required value`,
      ],
    ],
    [
      { clusterTrustBundle: { name: 'a', labelSelector: {}, path: 'f' } },
      [`${at}.clusterTrustBundle.labelSelector: Invalid value: {}: labelSelector must be unset if name is specified`],
    ],
    [{ podCertificate: { signerName: 'example.com/s', keyType: 'ED25519', keyPath: 'k' } }, []],
    [
      { podCertificate: { signerName: 'example.com/s', keyType: 'Odd', keyPath: '../k' } },
      [
        `${at}.podCertificate.keyType: Unsupported value: "Odd": supported values: "RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"`,
        `${at}.podCertificate.keyPath: Invalid value: "../k": must not contain '..'`,
      ],
    ],
  ])('of %j', (source, causes) =>
    expect(creationCauses(pod, aPod, { 'spec.volumes': [{ name: 'a', projected: { sources: [source] } }] })).toEqual(
      causes,
    ),
  )
})

describe('a template of pods', () => {
  const template = { spec: aPod.spec } as PodTemplate['template']
  const aTemplate: PodTemplate = { metadata: { name: 'web' }, template }
  it.each<[Changes, string[]]>([
    [{ 'template.spec.containers.0.image': ' web' }, []],
    [{ 'template.spec.hostNetwork': true, 'template.spec.containers.0.ports': [{ containerPort: 80 }] }, []],
    [
      { 'template.spec.volumes': [{ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 'a' } }] } }] },
      [],
    ],
  ])('may have %j', (changes, causes) => expect(creationCauses(podTemplate, aTemplate, changes)).toEqual(causes))
})

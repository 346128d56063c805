import { describe, expect, it } from 'vitest'
import { created, creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import type { Pod } from '../../types/core-v1.ts'
import { pod } from './pod.ts'

const aPod: Pod = { metadata: { name: 'web' }, spec: { containers: [{ name: 'web', image: 'web:1' }] } }
const first = 'spec.containers.0'
const container = 'spec.containers[0]'
const negative = 'must be greater than or equal to 0'

describe('a new Pod', () => {
  it.each<[Changes, string[]]>([
    [{}, []],
    [{ 'spec.containers': [] }, ['spec.containers: Required value']],
    [
      {
        'spec.ephemeralContainers': [
          { name: 'look', image: ' look:1', restartPolicy: 'Always', terminationMessagePolicy: 'Odd' },
        ],
      },
      [
        'spec.ephemeralContainers[0].image: Invalid value: " look:1": must not have leading or trailing whitespace',
        'spec.ephemeralContainers[0].terminationMessagePolicy: Unsupported value: "Odd": supported values: "File", "FallbackToLogsOnError"',
        'spec.ephemeralContainers[0].restartPolicy: Forbidden: cannot be set for an Ephemeral Container',
        'spec.ephemeralContainers: Forbidden: cannot be set on create',
      ],
    ],
    [
      { [`${first}.restartPolicyRules`]: [{ action: 'Restart', exitCodes: { operator: 'In', values: [3] } }] },
      [`${container}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`],
    ],
    [
      {
        [`${first}.restartPolicy`]: 'Never',
        [`${first}.restartPolicyRules`]: [{ action: 'Odd', exitCodes: { operator: 'Odd' } }, { action: 'Restart' }],
      },
      [
        `${container}.restartPolicyRules[0].action: Unsupported value: "Odd": supported values: "Restart", "RestartAllContainers"`,
        `${container}.restartPolicyRules[0].exitCodes.operator: Unsupported value: "Odd": supported values: "In", "NotIn"`,
        `${container}.restartPolicyRules[1].exitCodes: Required value: must be specified`,
      ],
    ],
    [
      { [`${first}.resizePolicy`]: [{ resourceName: 'disk', restartPolicy: 'Odd' }] },
      [
        `${container}.resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"`,
        `${container}.resizePolicy: Unsupported value: "Odd": supported values: "NotRequired", "RestartContainer"`,
      ],
    ],
    [
      {
        'spec.restartPolicy': 'Never',
        [`${first}.resizePolicy`]: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
      },
      [
        `${container}.resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when \`restartPolicy\` is 'Never'`,
      ],
    ],
    [
      { [`${first}.resources.claims`]: [{ name: 'gpu' }] },
      [
        `${container}.resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty`,
      ],
    ],
    [
      { 'spec.resourceClaims': [{ name: 'gpu' }] },
      [
        'spec.resourceClaims[0]: Invalid value: {"name":"gpu"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
      ],
    ],
    [
      { [`${first}.securityContext.appArmorProfile`]: { type: 'Localhost' } },
      [
        `${container}.securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost`,
      ],
    ],
    [
      { [`${first}.securityContext`]: { seccompProfile: { type: 'Odd' }, procMount: 'Unmasked' } },
      [
        `${container}.securityContext.seccompProfile.type: Unsupported value: "Odd": supported values: "Localhost", "RuntimeDefault", "Unconfined"`,
        `${container}.securityContext.procMount: Invalid value: "Unmasked": \`hostUsers\` must be false to use \`Unmasked\``,
      ],
    ],
    [
      { 'spec.hostUsers': false, 'spec.hostPID': true },
      ['spec.HostPID: Forbidden: when `pod.Spec.HostUsers` is false'],
    ],
    [
      { 'spec.securityContext': { fsGroupChangePolicy: 'Odd', supplementalGroupsPolicy: 'Odd' } },
      [
        'spec.securityContext.supplementalGroupsPolicy: Unsupported value: "Odd": supported values: "Merge", "Strict"',
        'spec.securityContext.fsGroupChangePolicy: Unsupported value: "Odd": supported values: "Always", "OnRootMismatch"',
      ],
    ],
    [
      {
        'spec.hostNetwork': true,
        'spec.securityContext.sysctls': ['net.core.somaxconn', 'kernel.shmmax', ''].map((name) => ({
          name,
          value: '1',
        })),
      },
      [
        `spec.securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when 'hostNetwork' is true`,
        'spec.securityContext.sysctls[2].name: Required value',
      ],
    ],
    [
      { 'spec.os.name': 'windows', 'spec.hostPID': true, [`${first}.securityContext`]: { runAsUser: 1 } },
      [
        'spec.hostPID: Forbidden: cannot be set for a windows pod',
        `${container}.securityContext.runAsUser: Forbidden: cannot be set for a windows pod`,
      ],
    ],
    [
      { 'spec.os.name': 'linux', 'spec.securityContext.windowsOptions': {} },
      ['spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod'],
    ],
    [{ 'spec.os.name': 'mac' }, ['spec.os: Unsupported value: "mac": supported values: "linux", "windows"']],
    [
      { 'spec.preemptionPolicy': 'Odd', 'spec.overhead': { cpu: '-1' } },
      [
        `spec.overhead.limits[cpu]: Invalid value: "-1": ${negative}`,
        'spec.preemptionPolicy: Unsupported value: "Odd": supported values: "PreemptLowerPriority", "Never"',
      ],
    ],
    [
      { 'spec.resources.requests': { cpu: '1' }, [`${first}.resources.requests`]: { cpu: '1500m' } },
      [
        'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 1500m',
      ],
    ],
    [
      { 'spec.schedulingGates': [{ name: 'a' }, { name: 'a' }], 'spec.nodeName': 'one' },
      [
        'spec.schedulingGates[1]: Duplicate value: "a"',
        'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
      ],
    ],
    [
      { 'spec.ephemeralContainers': [{ name: 'debug', image: 'a' }] },
      ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
    ],
    [
      { 'metadata.annotations.[controller.kubernetes.io/pod-deletion-cost]': '+1' },
      [
        'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer',
      ],
    ],
    [
      { 'spec.dnsConfig': { searches: ['_a.example.com.', '.', 'a..b'], options: [{}] } },
      [
        `spec.dnsConfig.searches[2]: Invalid value: "a..b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
        'spec.dnsConfig.options[0]: Required value: must not be empty',
      ],
    ],
    [
      { [`${first}.lifecycle.preStop.sleep.seconds`]: 31 },
      [
        `${container}.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)`,
      ],
    ],
    [
      { [`${first}.livenessProbe`]: { grpc: { port: 0 }, successThreshold: 2 } },
      [
        `${container}.livenessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive`,
        `${container}.livenessProbe.successThreshold: Invalid value: 2: must be 1`,
      ],
    ],
    [
      {
        'spec.volumes': [{ name: 'a', emptyDir: {} }],
        [`${first}.volumeMounts`]: [
          { name: 'a', mountPath: '/a', mountPropagation: 'Bidirectional' },
          { name: 'a', mountPath: '/b', recursiveReadOnly: 'Enabled' },
        ],
        [`${first}.volumeDevices`]: [{ name: 'a', devicePath: '/dev/a' }],
      },
      [
        `${container}.volumeMounts[0].mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
        `${container}.volumeMounts[1].recursiveReadOnly: Forbidden: may only be specified when readOnly is true`,
        `${container}.volumeDevices[0].name: Invalid value: "a": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode`,
      ],
    ],
    [
      {
        'spec.topologySpreadConstraints': [
          {
            maxSkew: 0,
            topologyKey: 'zone',
            whenUnsatisfiable: 'ScheduleAnyway',
            minDomains: 1,
            nodeTaintsPolicy: 'Odd',
            matchLabelKeys: ['app'],
            labelSelector: { matchLabels: { app: 'web' } },
          },
        ],
      },
      [
        'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
        'spec.topologySpreadConstraints[0].minDomains: Invalid value: 1: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
        'spec.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported value: "Odd": supported values: "Honor", "Ignore"',
        'spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: "app": exists in both matchLabelKeys and labelSelector',
      ],
    ],
    [
      {
        'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution': [
          { topologyKey: 'zone', mismatchLabelKeys: ['app'] },
        ],
      },
      [
        'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].mismatchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
      ],
    ],
    [
      {
        'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms': [
          { matchFields: [{ key: 'spec.podCIDR', operator: 'In', values: ['a', 'b'] }] },
        ],
      },
      [
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].values: Required value: must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
        'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].key: Invalid value: "spec.podCIDR": not a valid field selector key',
      ],
    ],
    [
      {
        [`${first}.env`]: [
          { name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.odd' } } },
          { name: 'B', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } },
          { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } } },
          { name: 'D', valueFrom: { fileKeyRef: { volumeName: 'a', path: 'f' } } },
        ],
      },
      [
        `${container}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "status.odd": error converting fieldPath: field label not supported: status.odd`,
        `${container}.env[1].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
        `${container}.env[2].valueFrom.resourceFieldRef.divisor: Invalid value: "2": only divisor's values 1m and 1 are supported with the cpu resource`,
        `${container}.env[3].valueFrom.fileKeyRef.key: Required value`,
      ],
    ],
    [
      {
        'spec.volumes': [
          { name: 'a', nfs: { server: 's', path: 'a' } },
          { name: 'b', csi: {} },
          { name: 'c', ephemeral: { volumeClaimTemplate: { spec: {} } } },
          { name: 'd', projected: { sources: [{ serviceAccountToken: { path: '../a', expirationSeconds: 60 } }] } },
          { name: 'e', downwardAPI: { items: [{ path: 'a', resourceFieldRef: { resource: 'limits.cpu' } }] } },
        ],
      },
      [
        'spec.volumes[0].nfs.path: Invalid value: "a": must be an absolute path',
        'spec.volumes[1].csi.driver: Required value',
        'spec.volumes[2].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required',
        'spec.volumes[2].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
        'spec.volumes[3].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
        'spec.volumes[3].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
        `spec.volumes[3].projected.sources[0].serviceAccountToken.path: Invalid value: "../a": must not contain '..'`,
        'spec.volumes[4].downwardAPI.resourceFieldRef.containerName: Required value',
      ],
    ],
  ])('with %j', (changes, causes) => {
    expect(creationCauses(pod, aPod, changes).toSorted()).toEqual(causes.toSorted())
  })

  it.each(['foo-', 'kernel.shmmax..', 'bar..', 'Kernel.x'])('cannot have the sysctl %s', (name) => {
    const [cause] = creationCauses(pod, aPod, { 'spec.securityContext.sysctls': [{ name, value: '1' }] })
    expect(cause).toContain(`Invalid value: "${name}": must have at most 253 characters and match regex`)
  })

  it('has probes with periods, also when a client writes none as zero', () => {
    const probe = { tcpSocket: { port: 80 }, periodSeconds: 0, timeoutSeconds: 0 }
    const spec = { containers: [{ name: 'web', image: 'web:1', livenessProbe: probe }] }
    const made = created(pod, { metadata: { name: 'web' }, spec })
    expect(made.spec?.containers[0]?.livenessProbe).toMatchObject({ periodSeconds: 10, timeoutSeconds: 1 })
  })
})

describe('a changed Pod', () => {
  const gated = {
    ...aPod,
    spec: { ...aPod.spec, schedulingGates: [{ name: 'a' }], nodeSelector: { zone: 'a' } },
  } as Pod
  const affinity = (values: string[]): object => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: values.map((key) => ({ key, operator: 'Exists' })) }],
      },
    },
  })
  const terms = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  it.each<[Pod, Changes, string[]]>([
    [aPod, { [`${first}.image`]: 'web:2', 'spec.activeDeadlineSeconds': 5, 'metadata.labels': { a: 'b' } }, []],
    [aPod, { 'spec.tolerations': [{ key: 'a', operator: 'Exists' }] }, []],
    [aPod, { [`${first}.image`]: '' }, [`${container}.image: Required value`]],
    [gated, { 'spec.schedulingGates': [] }, []],
    [
      gated,
      { 'spec.schedulingGates': [{ name: 'a' }, { name: 'b' }] },
      ["spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'"],
    ],
    [gated, { 'spec.nodeSelector': { zone: 'a', disk: 'fast' } }, []],
    [
      gated,
      { 'spec.nodeSelector': { zone: 'b' } },
      [
        'spec.nodeSelector: Invalid value: {"zone":"b"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
      ],
    ],
    [gated, { 'spec.affinity': affinity(['a']) }, []],
    [
      { ...gated, spec: { ...gated.spec, affinity: affinity(['a']) } } as Pod,
      { 'spec.affinity': affinity(['b']) },
      [
        `${terms}[0]: Invalid value: {"matchExpressions":[{"key":"b","operator":"Exists"}]}: only additions are allowed (no mutations or deletions)`,
      ],
    ],
  ])('of %j with %j', (base, changes, causes) => expect(updateCauses(pod, base, changes)).toEqual(causes))

  it.each<[string, Changes]>([
    ['its node', { 'spec.hostname': 'a' }],
    ['its command', { [`${first}.command`]: ['a'] }],
    ['its priority', { 'spec.priority': 5 }],
  ])('keeps %s', (_, changes) => {
    const [cause] = updateCauses(pod, aPod, changes)
    expect(cause).toMatch(/^spec: Forbidden: pod updates may not change fields other than `spec.containers/)
  })
})

describe('a resize of an init container', () => {
  const withInit = (restartPolicy?: string): Pod => ({
    ...aPod,
    spec: {
      containers: [{ name: 'web', image: 'web:1' }],
      initContainers: [
        {
          name: 'init',
          image: 'i',
          resources: { requests: { cpu: '1' } },
          ...(restartPolicy === undefined ? {} : { restartPolicy }),
        },
      ],
    },
  })
  const change = { 'spec.initContainers.0.resources': { requests: { cpu: '2' } } }

  it('is for sidecars alone', () => {
    expect(updateCauses(pod, withInit('Always'), change, 'resize')).toEqual([])
    expect(updateCauses(pod, withInit(), change, 'resize')).toEqual([
      'spec.initContainers[0].resources: Forbidden: resources for non-sidecar init containers are immutable',
    ])
  })
})

describe('a resize of a pod', () => {
  it.each<[Pod, Changes, string[]]>([
    [
      aPod,
      { 'spec.containers.0.name': 'other' },
      ['spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize'],
    ],
    [
      aPod,
      { 'spec.containers.1': { name: 'b', image: 'b' } },
      ['spec.containers: Forbidden: containers may not be added or removed on resize'],
    ],
    [
      { ...aPod, metadata: { name: 'web', annotations: { 'kubernetes.io/config.mirror': 'a' } } },
      {},
      [': Forbidden: static pods cannot be resized'],
    ],
  ])('of %j with %j', (base, changes, causes) => expect(updateCauses(pod, base, changes, 'resize')).toEqual(causes))
})

describe('containers for debugging', () => {
  it('are not for static pods', () => {
    const mirror: Pod = { ...aPod, metadata: { name: 'web', annotations: { 'kubernetes.io/config.mirror': 'a' } } }
    const change = { 'spec.ephemeralContainers': [{ name: 'look', image: 'look:1' }] }
    expect(updateCauses(pod, mirror, change, 'ephemeralcontainers')).toEqual([
      ': Forbidden: static pods do not support ephemeral containers',
    ])
  })
})

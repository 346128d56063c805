import { describe, expect, it } from 'vitest'
import type { Container, PodSpec } from '../types/core-v1.ts'
import { levelOf, levelProblems, violationsOf, violationText, type Level } from './standards.ts'

const safeContext = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
}
const aSpec = (spec: Partial<PodSpec> = {}, container: Partial<Container> = {}): PodSpec => ({
  containers: [{ name: 'a', image: 'x', ...container }],
  ...spec,
})
const textOf = (level: Level, spec: PodSpec, version = 'latest', annotations: Record<string, string> = {}): string[] =>
  violationsOf({ level, version }, { annotations }, spec).map(({ reason, detail }) => `${reason} (${detail})`)

describe('the baseline', () => {
  it.each<[string, PodSpec, string]>([
    [
      'host namespaces',
      aSpec({ hostNetwork: true, hostPID: true }),
      'host namespaces (hostNetwork=true, hostPID=true)',
    ],
    [
      'privileged containers',
      aSpec({}, { securityContext: { privileged: true } }),
      'privileged (container "a" must not set securityContext.privileged=true)',
    ],
    [
      'capabilities',
      aSpec({}, { securityContext: { capabilities: { add: ['SYS_ADMIN', 'NET_RAW', 'CHOWN'] } } }),
      'non-default capabilities (container "a" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
    [
      'volumes of the host',
      aSpec({
        volumes: [
          { name: 'v', hostPath: { path: '/' } },
          { name: 'w', hostPath: { path: '/' } },
        ],
      }),
      'hostPath volumes (volumes "v", "w")',
    ],
    [
      'ports of the host',
      aSpec({}, { ports: [{ containerPort: 80, hostPort: 8080 }] }),
      'hostPort (container "a" uses hostPort 8080)',
    ],
    [
      'no AppArmor',
      aSpec({}, { securityContext: { appArmorProfile: { type: 'Unconfined' } } }),
      'forbidden AppArmor profile (container "a" must not set AppArmor profile type to "Unconfined")',
    ],
    [
      'labels of SELinux',
      aSpec({ securityContext: { seLinuxOptions: { type: 'spc_t', user: 'u' } } }),
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
    ],
    [
      'an unmasked /proc',
      aSpec({}, { securityContext: { procMount: 'Unmasked' } }),
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      'no seccomp',
      aSpec(
        { securityContext: { seccompProfile: { type: 'Unconfined' } } },
        { securityContext: { seccompProfile: { type: 'Unconfined' } } },
      ),
      'seccompProfile (pod and container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'kernel parameters',
      aSpec({
        securityContext: {
          sysctls: [
            { name: 'kernel.msgmax', value: '1' },
            { name: 'net.ipv4.tcp_rmem', value: '1' },
          ],
        },
      }),
      'forbidden sysctls (kernel.msgmax)',
    ],
    [
      'processes of a Windows host',
      aSpec({ securityContext: { windowsOptions: { hostProcess: true } } }),
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      'probes of other hosts',
      aSpec({}, { livenessProbe: { tcpSocket: { port: 1, host: '10.0.0.1' } } }),
      'probe or lifecycle host (container "a" uses probe or lifecycle host "10.0.0.1")',
    ],
  ])('refuses %s', (_case, spec, text) => {
    expect(textOf('baseline', spec)).toEqual([text])
    expect(textOf('privileged', spec)).toEqual([])
  })

  it('knows the annotations of AppArmor', () => {
    const key = 'container.apparmor.security.beta.kubernetes.io/a'
    expect(textOf('baseline', aSpec(), 'latest', { [key]: 'unconfined' })).toEqual([
      `forbidden AppArmor profile (annotation ${key}="unconfined")`,
    ])
    expect(textOf('baseline', aSpec(), 'latest', { [key]: 'localhost/mine' })).toEqual([])
  })

  it('is what it was in the version that is asked for', () => {
    const spec = aSpec({ securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }] } })
    expect(textOf('baseline', spec, 'v1.31')).toEqual(['forbidden sysctls (net.ipv4.tcp_rmem)'])
    expect(textOf('baseline', spec, 'v1.32')).toEqual([])
  })

  it('lets an ordinary pod be', () => {
    expect(textOf('baseline', aSpec())).toEqual([])
  })
})

describe('restricted', () => {
  it('says all that an ordinary pod lacks', () => {
    const level = { level: 'restricted', version: 'latest' } as const
    expect(violationText('violates', level, violationsOf(level, {}, aSpec()))).toBe(
      'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    )
  })

  it('takes a pod that gives up everything', () => {
    expect(textOf('restricted', aSpec({}, { securityContext: safeContext }))).toEqual([])
    const ofPod = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
    const { runAsNonRoot: _user, seccompProfile: _profile, ...rest } = safeContext
    expect(textOf('restricted', aSpec({ securityContext: ofPod }, { securityContext: rest }))).toEqual([])
  })

  it.each<[string, PodSpec, string]>([
    [
      'other volumes than those of the cluster',
      aSpec({ volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }] }, { securityContext: safeContext }),
      'restricted volume types (volume "v" uses restricted volume type "nfs")',
    ],
    [
      'a container that runs as root all the same',
      aSpec({ securityContext: { runAsNonRoot: true } }, { securityContext: { ...safeContext, runAsNonRoot: false } }),
      'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false)',
    ],
    [
      'the user 0',
      aSpec({}, { securityContext: { ...safeContext, runAsUser: 0 } }),
      'runAsUser=0 (container "a" must not set runAsUser=0)',
    ],
    [
      'more capabilities',
      aSpec({}, { securityContext: { ...safeContext, capabilities: { drop: ['ALL'], add: ['CHOWN'] } } }),
      'unrestricted capabilities (container "a" must not include "CHOWN" in securityContext.capabilities.add)',
    ],
  ])('refuses %s', (_case, spec, text) => {
    expect(textOf('restricted', spec)).toEqual([text])
  })

  it('looks at every container', () => {
    const spec = aSpec({
      initContainers: [{ name: 'i', image: 'x', securityContext: safeContext }],
      containers: [
        { name: 'a', image: 'x', securityContext: { ...safeContext, allowPrivilegeEscalation: true } },
        { name: 'b', image: 'x', securityContext: { ...safeContext, allowPrivilegeEscalation: true } },
      ],
    })
    expect(textOf('restricted', spec)).toEqual([
      'allowPrivilegeEscalation != false (containers "a", "b" must set securityContext.allowPrivilegeEscalation=false)',
    ])
  })
})

describe('labels of a namespace', () => {
  it('ask for a level and its version', () => {
    const labels = {
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/enforce-version': 'v1.25',
    }
    expect(levelOf(labels, 'enforce')).toEqual({ level: 'baseline', version: 'v1.25' })
    expect(levelOf(labels, 'warn')).toEqual({ level: 'privileged', version: 'latest' })
  })

  it('must mean something', () => {
    const labels = { 'pod-security.kubernetes.io/warn': 'strict', 'pod-security.kubernetes.io/warn-version': '1.2' }
    expect(levelProblems(labels).map(({ path }) => path)).toEqual([
      'metadata.labels[pod-security.kubernetes.io/warn]',
      'metadata.labels[pod-security.kubernetes.io/warn-version]',
    ])
    expect(levelOf({ 'pod-security.kubernetes.io/enforce': 'strict' }, 'enforce').level).toBe('restricted')
  })
})

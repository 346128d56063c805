import { describe, expect, it } from 'vitest'
import { aContainer, aPod, aSandbox } from '../../test/support/kubelet-builders.ts'
import type { Container, PodSpec } from '../api/types/core-v1.ts'
import { containerConfig, refuseRoot } from './container-config.ts'
import { hostsFile } from './pod-hosts.ts'
import type { ContainerConfig } from './runtime/runtime.ts'
import { sandboxConfig } from './sandbox-config.ts'

function configOf(container: Partial<Container>, spec: Partial<PodSpec> = {}): ContainerConfig {
  const entry = { container: aContainer('web', container), role: 'app', sidecar: false } as const
  const action = { type: 'start-container', entry, sandbox: aSandbox(), attempt: 1, crashes: 2 } as const
  const parts = { variables: new Map([['A', 'a']]), mounts: [], terminationLog: '/t' }
  return containerConfig(aPod(spec), action, parts)
}

describe('what the runtime is told to make of a container', () => {
  it('is known again by its notes', () => {
    expect(configOf({})).toMatchObject({
      identity: { podUid: 'uid-1', role: 'app', container: 'web', attempt: 1 },
      notes: { sandbox: 'sandbox-0', crashes: '2', 'termination-log': '/t' },
      network: { type: 'sandbox', sandboxId: 'sandbox-0' },
      env: ['A=a'],
    })
  })

  it("has its command and arguments expanded, and a command alone takes the image's arguments away", () => {
    expect(configOf({ command: ['echo', '$(A)'], args: ['$(A)$(B)'] })).toMatchObject({
      command: ['echo', 'a'],
      args: ['a$(B)'],
    })
    expect(configOf({ command: ['echo'] }).args).toEqual([])
    expect(configOf({})).not.toHaveProperty('args')
  })

  it.each([
    [{}, { cpuShares: 2 }],
    [{ requests: { cpu: '500m' } }, { cpuShares: 512 }],
    [{ limits: { cpu: '1500m', memory: '64Mi' } }, { cpuShares: 1536, cpuQuotaMicros: 150_000, memoryBytes: 64 << 20 }],
    [{ limits: { cpu: '1m' } }, { cpuShares: 2, cpuQuotaMicros: 1000 }],
  ])('has the resources of %j', (resources, expected) => {
    expect(configOf({ resources }).resources).toEqual(expected)
  })

  it("lets the container's own user win over the pod's", () => {
    const spec = { securityContext: { runAsUser: 1, runAsGroup: 2, fsGroup: 3 } }
    expect(configOf({}, spec).security).toMatchObject({ user: '1:2', supplementalGroups: ['3'] })
    expect(configOf({ securityContext: { runAsUser: 9 } }, spec).security).toMatchObject({ user: '9:2' })
  })
})

describe('a container that must not run as root', () => {
  const container = aContainer('web', { securityContext: { runAsNonRoot: true } })
  it.each(['', 'root', '0:0'])('is refused when its image runs as "%s"', (user) => {
    expect(() => refuseRoot(aPod(), container, user)).toThrow('image will run as root')
  })
  it('is refused when nobody can tell', () => {
    expect(() => refuseRoot(aPod(), container, 'nobody')).toThrow('non-numeric user (nobody)')
  })
  it('runs as another user', () => {
    expect(() => refuseRoot(aPod(), container, '1000:1000')).not.toThrow()
    const own = aContainer('web', { securityContext: { runAsNonRoot: true, runAsUser: 5 } })
    expect(() => refuseRoot(aPod(), own, '')).not.toThrow()
  })
})

describe('a sandbox', () => {
  const dns = { address: '10.96.0.10', domain: 'cluster.local' }

  it("has the pod's name and the cluster's DNS", () => {
    expect(sandboxConfig(aPod(), 0, '10.244.0.2', dns)).toMatchObject({
      hostName: 'web-1',
      network: { type: 'none' },
      notes: { address: '10.244.0.2' },
      dns: {
        servers: ['10.96.0.10'],
        searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
        options: ['ndots:5'],
      },
    })
  })

  it.each([
    [{ dnsPolicy: 'Default' }, undefined],
    [{ hostNetwork: true }, undefined],
    [{ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, '10.96.0.10'],
    [{ dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'] } }, '1.1.1.1'],
  ])('with %j asks %s', (spec, server) => {
    expect(sandboxConfig(aPod(spec), 0, '10.244.0.2', dns).dns?.servers[0]).toBe(server)
  })

  it("adds the pod's own wishes to the cluster's", () => {
    const dnsConfig = { searches: ['example.com'], options: [{ name: 'ndots', value: '2' }] }
    expect(sandboxConfig(aPod({ dnsConfig }), 0, '10.244.0.2', dns).dns).toMatchObject({
      searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'example.com'],
      options: ['ndots:2'],
    })
  })
})

it('names the pod and its aliases in its hosts file', () => {
  const pod = aPod({ subdomain: 'db', hostname: 'db-0', hostAliases: [{ ip: '1.2.3.4', hostnames: ['foo', 'bar'] }] })
  const lines = hostsFile(pod, '10.244.0.2', 'cluster.local').split('\n')
  expect(lines[0]).toBe('# Kubernetes-managed hosts file.')
  expect(lines).toContain('10.244.0.2\tdb-0.db.default.svc.cluster.local\tdb-0')
  expect(lines).toContain('1.2.3.4\tfoo\tbar')
})

import { mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resourceFacts } from '../../src-main/api/kinds/resource-facts.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { kubectlMissing, kubectlVersions, type Kubectl } from '../support/kubectl.ts'
import { minimalObject } from '../support/minimal-objects.ts'
import { openTlsLab, type TlsLab } from '../support/tls-lab.ts'

const missing = kubectlMissing()
let tls: TlsLab
let server: TestServer
let kubectl: Kubectl

const deployment = (image: string, more: object = {}): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      ...{ replicas: 1, selector: { matchLabels: { app: 'web' } } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image }] } },
      ...more,
    },
  })

describe.skipIf(missing !== undefined)(
  `kubectl${missing === undefined ? '' : ` (${missing})`}`,
  { timeout: 180_000 },
  () => {
    beforeAll(async () => {
      tls = await openTlsLab()
      server = await startTestServer({
        clock: systemClock,
        build: { commit: 'c0ffee', date: '2026-01-02T03:04:05Z' },
      })
      await tls.start(server.server.handler)
      kubectl = tls.kubectl([...kubectlVersions().keys()].at(-1) ?? '')
      await server.send('POST', '/api/v1/namespaces/default/serviceaccounts', {
        body: { metadata: { name: 'default' } },
      })
    })
    afterAll(async () => {
      await server.server.dispose()
      await tls.dispose()
    })

    it('learns what server this is and what it has', async () => {
      expect(await kubectl.run(['version'])).toMatch(/Server Version: v1\.36\./)
      expect(JSON.parse(await kubectl.run(['version', '-o', 'json']))).toMatchObject({
        clientVersion: { major: '1', gitCommit: expect.stringMatching(/^[0-9a-f]{40}$/) },
        serverVersion: { ...{ major: '1', minor: '36', gitVersion: 'v1.36.0', gitCommit: 'c0ffee' } },
      })
      expect((await kubectl.run(['api-versions'])).split('\n')).toContain('v1')
      expect(await kubectl.run(['cluster-info'])).toContain('Kubernetes control plane')
      const wide = await kubectl.run(['api-resources', '-o', 'wide'])
      expect(wide).toMatch(
        /^pods +po +v1 +true +Pod +create,delete,deletecollection,get,list,patch,update,watch +all$/m,
      )
      expect(JSON.parse(await kubectl.run(['get', '--raw', '/version']))).toMatchObject({ minor: '36' })
      expect(await kubectl.run(['explain', 'pods.spec.containers'])).toMatch(/FIELDS:[^]*image\s+<string>/)
      expect(await kubectl.run(['explain', 'deployments'])).toMatch(/DESCRIPTION:\n +\S+/)
    })

    it('shows what an apply would change, and goes over to server-side apply', async () => {
      await kubectl.run(['apply', '-f', '-'], deployment('x:1'))
      const same = await kubectl.try(['diff', '-f', '-'], deployment('x:1'))
      expect([same.code, same.stdout]).toEqual([0, ''])
      const other = await kubectl.try(['diff', '-f', '-'], deployment('x:2'))
      expect(other.code).toBe(1)
      expect(other.stdout).toMatch(/^-.*image: x:1$/m)
      expect(other.stdout).toMatch(/^\+.*image: x:2$/m)
      expect(await kubectl.run(['get', 'deployment', 'web', '-o', 'yaml', '--show-managed-fields'])).toContain(
        'manager: kubectl-client-side-apply',
      )
      expect(await kubectl.run(['apply', '--server-side', '-f', '-'], deployment('x:2'))).toContain(
        'serverside-applied',
      )
      // What is no longer named goes, though it was applied by the client.
      await kubectl.run(['apply', '--server-side', '-f', '-'], deployment('x:2', { replicas: undefined, paused: true }))
      const owners = await kubectl.run(['get', 'deployment', 'web', '-o', 'json', '--show-managed-fields'])
      const managers = (JSON.parse(owners) as { metadata: { managedFields: { manager: string }[] } }).metadata
        .managedFields
      // Their order is that of their times, which may be of one second.
      expect(managers.map(({ manager }) => manager).toSorted()).toEqual(['kubectl', 'kubectl-last-applied'])
      const dry = await kubectl.run(['run', 'dry', '--image=x', '--dry-run=server', '-o', 'name'])
      expect(dry.trim()).toBe('pod/dry')
      expect((await kubectl.try(['get', 'pod', 'dry'])).stderr).toContain('(NotFound): pods "dry" not found')
    })

    it('changes objects in every way', async () => {
      await kubectl.run(['apply', '-f', '-'], deployment('x:1').replace('"name":"web"', '"name":"changed"'))
      await kubectl.run(['annotate', 'deployment', 'changed', 'a=b'])
      await kubectl.run(['label', 'deployment', 'changed', 'tier=front'])
      expect(await kubectl.run(['get', 'deployment', '-L', 'tier', '-l', 'tier=front'])).toContain('front')
      await kubectl.run(['label', 'deployment', 'changed', 'tier-'])
      await kubectl.run(['scale', 'deployment', 'changed', '--replicas=3'])
      await kubectl.run(['set', 'image', 'deployment/changed', 'main=x:3'])
      await kubectl.run(['rollout', 'pause', 'deployment/changed'])
      await kubectl.run(['rollout', 'resume', 'deployment/changed'])
      await kubectl.run(['rollout', 'restart', 'deployment/changed'])
      const status =
        '{"status":{"observedGeneration":99,"replicas":3,"updatedReplicas":3,"readyReplicas":3,"availableReplicas":3}}'
      await kubectl.run(['patch', 'deployment', 'changed', '--subresource=status', '--type=merge', '-p', status])
      expect(await kubectl.run(['rollout', 'status', 'deployment/changed', '--timeout=20s'])).toContain(
        'successfully rolled out',
      )
      await kubectl.run(['wait', '--for=jsonpath={.status.readyReplicas}=3', 'deployment/changed', '--timeout=20s'])
      expect(
        await kubectl.run(['get', 'deployment', 'changed', '--subresource=scale', '-o', 'jsonpath={.spec.replicas}']),
      ).toBe('3')
      const before = await kubectl.run(['get', 'deployment', 'changed', '-o', 'jsonpath={.metadata.uid}'])
      await kubectl.run(
        ['replace', '--force', '-f', '-'],
        deployment('x:4').replace('"name":"web"', '"name":"changed"'),
      )
      expect(await kubectl.run(['get', 'deployment', 'changed', '-o', 'jsonpath={.metadata.uid}'])).not.toBe(before)
      await kubectl.run(['delete', 'deployment', 'changed', '--wait=false'])
      await kubectl.run(['wait', '--for=delete', 'deployment/changed', '--timeout=20s'])
    })

    it('leaves a pod as it is in a dry run', async () => {
      await kubectl.run(['run', 'tried', '--image=x:1'])
      const patch = '{"spec":{"containers":[{"name":"tried","image":"x:2"}]}}'
      await kubectl.run(['patch', 'pod', 'tried', '-p', patch, '--dry-run=server'])
      const image = ['get', 'pod', 'tried', '-o', 'jsonpath={.spec.containers[0].image}']
      expect(await kubectl.run(image)).toBe('x:1')
    })

    it('is a proxy to the API, at a free port and at a socket', async () => {
      const proxy = kubectl.follow(['proxy', '--port=0'])
      const port = /127\.0\.0\.1:(\d+)/.exec(await proxy.line(/Starting to serve/))?.[1]
      const answer = (await (await fetch(`http://127.0.0.1:${port}/api`)).json()) as { versions: string[] }
      expect(answer.versions).toContain('v1')
      proxy.stop()
      const folder = await mkdtemp(join(tmpdir(), 'orrery-proxy-'))
      const socketPath = join(folder, 'socket')
      const atSocket = kubectl.follow(['proxy', `--unix-socket=${socketPath}`])
      await atSocket.line(/Starting to serve/)
      const text = await new Promise<string>((resolve, reject) => {
        get({ socketPath, path: '/api', headers: { host: 'localhost' } }, (response) => {
          let body = ''
          response.on('data', (chunk: Buffer) => (body += chunk.toString()))
          response.on('end', () => resolve(body))
        }).on('error', reject)
      })
      expect((JSON.parse(text) as { versions: string[] }).versions).toContain('v1')
      atSocket.stop()
      await rm(folder, { recursive: true })
    })

    it('describes and lists objects of every kind', async () => {
      const left = new Set([
        'certificatesigningrequests',
        'clustertrustbundles',
        'podcertificaterequests',
        'namespaces',
        'customresourcedefinitions',
        'apiservices',
      ])
      const stored = resourceFacts.filter(
        ({ verbs, group, resource }) =>
          verbs.includes('post') && verbs.includes('list') && !group.endsWith('orrery.dev') && !left.has(resource),
      )
      await kubectl.run(['create', 'namespace', 'operations'])
      await server.send('POST', '/api/v1/namespaces/operations/serviceaccounts', {
        body: { metadata: { name: 'default' } },
      })
      const seen = new Set<string>()
      const items = stored.flatMap((fact) => {
        // Versions of a resource, and the two groups of events, are the same objects.
        if (seen.has(fact.resource)) return []
        seen.add(fact.resource)
        const object = minimalObject(fact, 1, { certificate: '', certificateRequest: '' })
        return object === undefined ? [] : [object]
      })
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
      await kubectl.run(['create', '-n', 'operations', '-f', '-'], list)
      const described = await kubectl.try(['describe', '-n', 'operations', '-f', '-'], list)
      const warning = 'Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n'
      expect(described.stderr).toBe(warning)
      expect(described.stdout.match(/^Name: +(sample-1|10\.96\.7\.1|driver-1|example\.com)/gm)?.length).toBe(
        items.length,
      )
      const listed = await kubectl.try(['get', '-n', 'operations', '-o', 'wide', '-f', '-'], list)
      expect(listed.stderr).toBe(warning)
    })
  },
)

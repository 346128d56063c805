/** What a pod adds to the API: conversions of custom objects, and an API of its own. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openPki } from '../../../src-main/lab/pki.ts'
import { silentLog } from '../../../src-main/lib/log.ts'
import { systemRandom } from '../../../src-main/lib/random.ts'
import { systemClock } from '../../../src-main/lib/system-clock.ts'
import type { CaseBook } from '../../support/case-book.ts'
import { nodeForPods } from '../../support/node-in-pod.ts'
import { until } from '../../support/until.ts'

const script = readFileSync(join(import.meta.dirname, '../../fixtures/extension-server.mjs'), 'utf8')

export function extensionCases(book: CaseBook): void {
  const serving = { caBundle: '' }
  const apply = (...objects: object[]): Promise<string> =>
    book.kubectl.run(['apply', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'))

  book.story('is served by a pod beside the API server, behind a service', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orrery-extension-'))
    const { server, ca } = await openPki({
      ...{ folder, lab: 'extension', clock: systemClock, random: systemRandom, log: silentLog },
      ...{ serviceAddress: '10.96.0.1', extraNames: ['extension.cases.svc'] },
    })
    rmSync(folder, { recursive: true })
    serving.caBundle = Buffer.from(ca).toString('base64')
    const { data } = await book.ask(
      'GET',
      '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication',
    )
    const files = { 'tls.key': server.key, 'tls.crt': server.certificate }
    const labels = { app: 'extension' }
    const { mounts, volumes, program } = nodeForPods
    const container = {
      ...{ name: 'main', image: 'orrery.dev/busybox:1', command: [program, '/scripts/extension-server.mjs'] },
      readinessProbe: { httpGet: { path: '/', port: 8443, scheme: 'HTTPS' }, periodSeconds: 1 },
      volumeMounts: [...mounts, { name: 'scripts', mountPath: '/scripts' }, { name: 'tls', mountPath: '/tls' }],
    }
    const own = [
      { name: 'scripts', configMap: { name: 'extension' } },
      { name: 'tls', secret: { secretName: 'extension' } },
    ]
    const metadata = { name: 'extension' }
    await apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'extension-server.mjs': script } },
      {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata },
        stringData: { ...files, 'ca.crt': data['requestheader-client-ca-file'] },
      },
      {
        ...{ apiVersion: 'v1', kind: 'Service', metadata },
        spec: { selector: labels, ports: [{ port: 443, targetPort: 8443 }] },
      },
      {
        ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { terminationGracePeriodSeconds: 0, containers: [container], volumes: [...volumes, ...own] },
          },
        },
      },
    )
    await book.kubectl.run(['rollout', 'status', 'deployment/extension', '--timeout=90s'])
  })

  book.story('converts custom objects to the version that is asked for, of whichever they are stored', async () => {
    const text = { type: 'string' }
    const version = (name: string, fields: object, stored: string): object => ({
      ...{ name, served: true, storage: name === stored },
      schema: {
        openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: fields } } },
      },
    })
    const definition = (stored: string): object => ({
      ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
      metadata: { name: 'endings.conversion.example.com' },
      spec: {
        ...{ group: 'conversion.example.com', scope: 'Namespaced' },
        names: { plural: 'endings', singular: 'ending', kind: 'Ending' },
        versions: [version('v1', { host: text }, stored), version('v2', { host: text, port: text }, stored)],
        conversion: {
          strategy: 'Webhook',
          webhook: {
            conversionReviewVersions: ['v1'],
            clientConfig: {
              service: { namespace: book.namespace, name: 'extension', path: '/convert' },
              caBundle: serving.caBundle,
            },
          },
        },
      },
    })
    const group = 'conversion.example.com'
    const ending = (name: string, api: string, spec: object): object => ({
      ...{ apiVersion: `${group}/${api}`, kind: 'Ending', metadata: { name }, spec },
    })
    await apply(definition('v1'))
    await book.kubectl.run([
      'wait',
      'crd/endings.conversion.example.com',
      '--for=condition=Established',
      '--timeout=30s',
    ])
    await apply(ending('old', 'v1', { host: 'localhost:8080' }))
    const read = await book.ask('GET', book.path('endings/old', `${group}/v2`))
    expect(read).toMatchObject({ apiVersion: `${group}/v2`, spec: { host: 'localhost', port: '8080' } })
    await apply(definition('v2'))
    await apply(ending('new', 'v2', { host: 'example.com', port: '443' }))
    const specs = async (api: string): Promise<object[]> => {
      const { items } = await book.ask('GET', book.path('endings', `${group}/${api}`))
      return (items as { spec: object }[]).map(({ spec }) => spec)
    }
    expect(await specs('v2')).toEqual([
      { host: 'example.com', port: '443' },
      { host: 'localhost', port: '8080' },
    ])
    expect(await specs('v1')).toEqual([{ host: 'example.com:443' }, { host: 'localhost:8080' }])
    await book.kubectl.run(['delete', 'crd', 'endings.conversion.example.com'])
  })

  book.story('is an API among the others, in the name of whoever asks, until it is taken away', async () => {
    const group = 'wardle.example.com'
    await apply({
      ...{ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: `v1alpha1.${group}` } },
      spec: {
        ...{ group, version: 'v1alpha1', groupPriorityMinimum: 2000, versionPriority: 200 },
        ...{ service: { namespace: book.namespace, name: 'extension' }, caBundle: serving.caBundle },
      },
    })
    await book.kubectl.run(['wait', `apiservice/v1alpha1.${group}`, '--for=condition=Available', '--timeout=60s'])
    await until('its group', async () => (await book.kubectl.run(['api-versions'])).includes(`${group}/v1alpha1`))
    const flunder = { apiVersion: `${group}/v1alpha1`, kind: 'Flunder', metadata: { name: 'one' } }
    expect(await book.kubectl.run(['create', '--validate=false', '-f', '-'], JSON.stringify(flunder))).toBe(
      `flunder.${group}/one created\n`,
    )
    const by = ['get', 'flunder', 'one', '-o', 'jsonpath={.metadata.annotations.by}']
    expect(await book.kubectl.run(by)).toBe('kubernetes-admin')
    expect(await book.kubectl.run(['get', 'flunders', '-o', 'name'])).toBe(`flunder.${group}/one\n`)
    await book.kubectl.run(['delete', 'flunder', 'one'])
    expect(await book.kubectl.run(['get', 'flunders', '-o', 'name'])).toBe('')
    await book.kubectl.run(['delete', 'apiservice', `v1alpha1.${group}`])
    expect((await book.door.ask('GET', `/apis/${group}/v1alpha1`)).code).toBe(404)
  })
}

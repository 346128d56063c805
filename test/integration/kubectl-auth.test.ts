/** What kubectl makes of rights, tokens and certificates. */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serviceAccount } from '../../src-main/api/kinds/core/service-account.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { kubectlMissing, kubectlVersions, type Kubectl } from '../support/kubectl.ts'
import { openTlsLab, type TlsLab } from '../support/tls-lab.ts'

const missing = kubectlMissing()
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const serviceAccountKeys = {
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
}
const manifest = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: default }
rules: [{ verbs: [get, list], apiGroups: [''], resources: [configmaps] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reader, namespace: default }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ kind: User, name: jo, apiGroup: rbac.authorization.k8s.io }]
`

describe.skipIf(missing !== undefined)(`kubectl${missing === undefined ? '' : ` (${missing})`}`, () => {
  let tls: TlsLab
  let lab: TestServer
  let kubectl: Kubectl
  beforeAll(async () => {
    tls = await openTlsLab()
    lab = await startTestServer({ serviceAccountKeys })
    await tls.start(lab.server.handler)
    kubectl = tls.kubectl([...kubectlVersions().keys()].at(-1) ?? '')
    await lab.client.create(serviceAccount, { metadata: { namespace: 'default', name: 'robot' } })
  })
  afterAll(() => tls.dispose())

  it('says who one is, also as somebody else', async () => {
    expect(await kubectl.run(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'])).toBe('kubernetes-admin')
    const as = ['--as', 'jo', '--as-group', 'dev', '--as-uid', '7']
    const shown = JSON.parse(await kubectl.run(['auth', 'whoami', '-o', 'json', ...as]))
    expect(shown.status.userInfo).toEqual({ username: 'jo', uid: '7', groups: ['dev', 'system:authenticated'] })
  })

  it('reconciles roles, and asks what one may do', async () => {
    await kubectl.run(['auth', 'reconcile', '-f', '-'], manifest)
    const can = (...args: string[]) => kubectl.try(['auth', 'can-i', ...args, '--as', 'jo'])
    expect((await can('list', 'configmaps')).stdout.trim()).toBe('yes')
    expect((await can('list', 'secrets')).stdout.trim()).toBe('no')
    expect((await can('list', 'configmaps', '-n', 'kube-system')).stdout.trim()).toBe('no')
    expect((await can('--list')).stdout).toMatch(/configmaps +\[\] +\[\] +\[get list\]/)
    const refused = await kubectl.try(['get', 'secrets', '--as', 'jo'])
    expect(refused.stderr).toContain(
      'secrets is forbidden: User "jo" cannot list resource "secrets" in API group "" in the namespace "default"',
    )
  })

  it('makes a token, and uses it', async () => {
    const token = (await kubectl.run(['create', 'token', 'robot', '--duration', '15m'])).trim()
    const headers = { authorization: `Bearer ${token}` }
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    expect(await lab.send('POST', path, { peer: undefined, headers, body: {} })).toMatchObject({
      object: { status: { userInfo: { username: 'system:serviceaccount:default:robot' } } },
    })
    const short = await kubectl.try(['create', 'token', 'robot', '--duration', '1m'])
    expect(short.stderr).toContain('may not specify a duration less than 10 minutes')
  })
})

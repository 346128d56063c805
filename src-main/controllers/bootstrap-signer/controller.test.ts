import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { configMap } from '../../api/kinds/core/config-map.ts'
import { secret } from '../../api/kinds/core/secret.ts'
import { createClient } from '../../client/resource-client.ts'
import { controllerIdentity } from '../../cluster/identities.ts'
import { silentProbe } from '../../glass/probe.ts'
import { silentLog } from '../../lib/log.ts'
import { seededRandom } from '../../lib/random.ts'
import { startTestServer } from '../../../test/support/api-server.ts'
import { until } from '../../../test/support/until.ts'
import { startControllers } from '../index.ts'

const place = { namespace: 'kube-public', name: 'cluster-info' }
const aToken = (id: string, data: Record<string, string> = {}) => ({
  metadata: { namespace: 'kube-system', name: `bootstrap-token-${id}` },
  type: 'bootstrap.kubernetes.io/token',
  stringData: { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true', ...data },
})

it('signs cluster-info with every bootstrap token that may, until the token ends, and whenever the text changes', async () => {
  const { client, clock, server } = await startTestServer()
  const controllers = startControllers({
    clientFor: (name) => createClient(server.transport(controllerIdentity(name))),
    ...{ clock, random: seededRandom(1), log: silentLog, probe: silentProbe, rootCertificates: '' },
  })
  await client.create(secret, aToken('aaaaaa'))
  const expiration = new Date(clock.now() + 60_000).toISOString()
  await client.create(secret, aToken('bbbbbb', { expiration }))
  await client.create(secret, aToken('cccccc', { 'usage-bootstrap-signing': 'false' }))
  await client.create(configMap, { metadata: place, data: { kubeconfig: 'text', other: 'stays' } })
  const signed = async (): Promise<string[]> => Object.keys((await client.get(configMap, place)).data ?? {}).toSorted()
  const becomes = (keys: string[]) =>
    until('the signatures', async () => JSON.stringify(await signed()) === JSON.stringify(keys), 5000, 1)
  await becomes(['jws-kubeconfig-aaaaaa', 'jws-kubeconfig-bbbbbb', 'kubeconfig', 'other'])

  const { data = {} } = await client.get(configMap, place)
  const [header = '', content, signature] = (data['jws-kubeconfig-aaaaaa'] ?? '').split('.')
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', kid: 'aaaaaa' })
  expect(content).toBe('')
  const whole = `${header}.${Buffer.from('text').toString('base64url')}`
  expect(signature).toBe(createHmac('sha256', '0123456789abcdef').update(whole).digest('base64url'))

  await clock.advance(61_000)
  await becomes(['jws-kubeconfig-aaaaaa', 'kubeconfig', 'other'])
  await client.patch(configMap, place, { type: 'merge', patch: { data: { kubeconfig: 'another' } } })
  const before = data['jws-kubeconfig-aaaaaa']
  await until(
    'a new signature',
    async () => (await client.get(configMap, place)).data?.['jws-kubeconfig-aaaaaa'] !== before,
    5000,
    1,
  )
  await client.delete(secret, { namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' })
  await becomes(['kubeconfig', 'other'])
  await controllers.dispose()
})

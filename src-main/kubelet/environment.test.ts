import { describe, expect, it } from 'vitest'
import { aContainer, aPod } from '../../test/support/kubelet-builders.ts'
import type { Container } from '../api/types/core-v1.ts'
import { environment, type ConfigSource } from './environment.ts'
import { expand } from './expand.ts'
import { serviceVariables } from './service-variables.ts'

const facts = { nodeName: 'one', hostAddress: '10.0.0.1', podAddress: '10.244.0.2', cpus: 4, memoryBytes: 1 << 30 }
const source: ConfigSource = {
  configMap: (_namespace, name) =>
    Promise.resolve(name === 'settings' ? { data: { greeting: 'hello', other: 'x' } } : undefined),
  secret: (_namespace, name) =>
    Promise.resolve(name === 'keys' ? { data: { token: Buffer.from('geheim').toString('base64') } } : undefined),
  services: () => [],
}

const variables = async (container: Partial<Container>): Promise<Record<string, string>> =>
  Object.fromEntries(await environment(aPod({ nodeName: 'one' }), aContainer('web', container), source, facts))

describe('expand', () => {
  it.each([
    ['$(A)', 'a'],
    ['x$(A)y$(B)', 'xay$(B)'],
    ['$$(A)', '$(A)'],
    ['$A $', '$A $'],
  ])('turns %s into %s', (text, expected) => {
    expect(expand(text, new Map([['A', 'a']]))).toBe(expected)
  })
})

describe('environment', () => {
  it('refers to variables that were defined before', async () => {
    const env = [
      { name: 'A', value: 'a' },
      { name: 'B', value: '$(A)-$(C)' },
      { name: 'C', value: 'c' },
    ]
    expect(await variables({ env })).toEqual({ A: 'a', B: 'a-$(C)', C: 'c' })
  })

  it('reads fields, resources, config maps and secrets', async () => {
    const env = [
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
      { name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'greeting' } } },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
    ]
    const resources = { limits: { memory: '64Mi' } }
    expect(await variables({ env, resources })).toEqual({
      ...{ IP: '10.244.0.2', NODE: 'one', CPU: '4', MEMORY: '64', GREETING: 'hello', TOKEN: 'geheim' },
    })
  })

  it('takes whole config maps, and lets single variables win', async () => {
    const envFrom = [{ prefix: 'S_', configMapRef: { name: 'settings' } }]
    const env = [{ name: 'S_other', value: 'mine' }]
    expect(await variables({ envFrom, env })).toEqual({ S_greeting: 'hello', S_other: 'mine' })
  })

  it.each([
    [{ configMapKeyRef: { name: 'none', key: 'k' } }, 'configmap "none" not found'],
    [{ secretKeyRef: { name: 'none', key: 'k' } }, 'secret "none" not found'],
    [{ configMapKeyRef: { name: 'settings', key: 'k' } }, "couldn't find key k in ConfigMap default/settings"],
  ])('says what is missing: %j', async (valueFrom, message) => {
    await expect(variables({ env: [{ name: 'A', valueFrom }] })).rejects.toMatchObject({
      code: 'CreateContainerConfigError',
      message,
    })
  })

  it('leaves out what is optional and missing', async () => {
    const valueFrom = { secretKeyRef: { name: 'none', key: 'k', optional: true } }
    expect(await variables({ env: [{ name: 'A', valueFrom }] })).toEqual({})
  })
})

describe('variables of services', () => {
  const web = {
    metadata: { name: 'my-web', namespace: 'default' },
    spec: { clusterIP: '10.96.0.5', ports: [{ name: 'http', port: 80 }] },
  }
  const api = {
    metadata: { name: 'kubernetes', namespace: 'default' },
    spec: { clusterIP: '10.96.0.1', ports: [{ port: 443 }] },
  }

  it('tell of the services of the same namespace', () => {
    expect(Object.fromEntries(serviceVariables([web], 'default', true))).toEqual({
      MY_WEB_SERVICE_HOST: '10.96.0.5',
      MY_WEB_SERVICE_PORT: '80',
      MY_WEB_SERVICE_PORT_HTTP: '80',
      MY_WEB_PORT: 'tcp://10.96.0.5:80',
      MY_WEB_PORT_80_TCP: 'tcp://10.96.0.5:80',
      MY_WEB_PORT_80_TCP_PROTO: 'tcp',
      MY_WEB_PORT_80_TCP_PORT: '80',
      MY_WEB_PORT_80_TCP_ADDR: '10.96.0.5',
    })
  })

  it('always tell of the API server, and of no other when the pod does not want them', () => {
    expect([...serviceVariables([web, api], 'other', false).keys()]).toContain('KUBERNETES_SERVICE_HOST')
    expect([...serviceVariables([web, api], 'default', false).keys()]).not.toContain('MY_WEB_SERVICE_HOST')
  })
})

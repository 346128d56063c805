import { expect, it } from 'vitest'
import { creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import { secret } from './secret.ts'

const metadata = { name: 'a', namespace: 'here' }
const base = { metadata }

it.each<[Changes, string[]]>([
  [{}, []],
  [{ type: 'kubernetes.io/basic-auth' }, ['data[username]: Required value', 'data[password]: Required value']],
  [
    { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': btoa('{') } },
    ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input'],
  ],
  [
    { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': btoa('{a}') } },
    [
      `data[.dockercfg]: Invalid value: "<secret contents redacted>": invalid character 'a' looking for beginning of object key string`,
    ],
  ],
  [
    { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': btoa(' [1]') } },
    [
      'data[.dockercfg]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
  ],
  [{ type: 'kubernetes.io/dockercfg', data: { '.dockercfg': btoa('null') } }, []],
  [{ type: 'kubernetes.io/dockercfg' }, ['data[.dockercfg]: Required value']],
  [{ type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } }, ['data[ssh-privatekey]: Required value']],
  [
    { type: 'kubernetes.io/service-account-token' },
    ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  ],
  [{ type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': btoa('{}') } }, []],
])('a secret with %j', (changes, causes) => expect(creationCauses(secret, base, changes)).toEqual(causes))

it('forbidden changes of a secret are told before what is wrong with it', () => {
  const stored = { metadata, immutable: true, data: { a: '' } }
  expect(updateCauses(secret, stored, { type: 'kubernetes.io/tls', immutable: false, data: {} })).toEqual([
    'type: Invalid value: "kubernetes.io/tls": field is immutable',
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
    'data[tls.crt]: Required value',
    'data[tls.key]: Required value',
  ])
})

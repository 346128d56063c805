import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { Secret, ServiceAccount } from '../../api/types/core-v1.ts'
import { ago } from '../test-objects.ts'
import { planTokenSecret, withoutSecret } from './plan.ts'

const meta = (
  name: string,
  annotations: Record<string, string> = {},
): Secret['metadata'] & Live<Secret>['metadata'] => ({
  ...{ name, namespace: 'team', uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: ago(9) },
  annotations: { 'kubernetes.io/service-account.name': 'bot', ...annotations },
})
const account: Live<ServiceAccount> = { metadata: meta('bot') }
const uidIs = (uid: string) => ({ 'kubernetes.io/service-account.uid': uid })
const aSecret = (data: Record<string, string>, annotations = {}): Live<Secret> => ({
  metadata: meta('bot-token', annotations),
  type: 'kubernetes.io/service-account-token',
  data,
})
const whole = { 'ca.crt': btoa('PEM'), namespace: btoa('team'), token: btoa('old') }
const plan = (secret: Live<Secret>, owner: Live<ServiceAccount> | undefined = account) =>
  planTokenSecret(secret, owner, 'PEM', () => 'new')

describe('a secret with the token of an account', () => {
  it('is filled in', () => {
    expect(plan(aSecret({}))).toMatchObject({
      type: 'fill',
      data: { ...whole, token: btoa('new') },
      annotations: { 'kubernetes.io/service-account.name': 'bot', ...uidIs('uid-bot') },
    })
  })

  it.each<[string, Live<Secret>, 'keep' | 'delete' | 'fill']>([
    ['stays when it is whole', aSecret(whole), 'keep'],
    ['keeps another namespace that it has', aSecret({ ...whole, namespace: btoa('other') }), 'keep'],
    ['gets new certificates', aSecret({ ...whole, 'ca.crt': btoa('old') }), 'fill'],
    ['goes when its account is another one', aSecret(whole, uidIs('uid-before')), 'delete'],
  ])('%s', (_case, secret, type) => {
    expect(plan(secret).type).toBe(type)
  })

  it('goes with its account', () => {
    expect(planTokenSecret(aSecret(whole), undefined, 'PEM', () => 'new').type).toBe('delete')
  })
})

it('an account forgets a secret that has gone', () => {
  const knowing = (...names: string[]) => ({ ...account, secrets: names.map((name) => ({ name })) })
  expect(withoutSecret(knowing('a', 'b'), 'a')).toEqual(knowing('b'))
  expect(withoutSecret(knowing('a'), 'a')).toEqual(account)
  expect(withoutSecret(knowing('b'), 'a')).toBeUndefined()
})

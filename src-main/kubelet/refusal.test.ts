import { describe, expect, it } from 'vitest'
import { aPod } from '../../test/support/kubelet-builders.ts'
import { refusalOf } from './refusal.ts'

const messageFor = (name: string, host: object = {}): string | undefined =>
  refusalOf(aPod({ ...host, securityContext: { sysctls: [{ name, value: '1' }] } }))?.message

describe('a node', () => {
  it('takes pods with kernel parameters that are harmless and their own', () => {
    expect(refusalOf(aPod())).toBeUndefined()
    expect(messageFor('net.ipv4.tcp_syncookies')).toBeUndefined()
    expect(messageFor('kernel/shm_rmid_forced')).toBeUndefined()
  })

  it('refuses others', () => {
    expect(messageFor('kernel.msgmax')).toBe('forbidden sysctl: "kernel.msgmax" not allowlisted')
    expect(messageFor('net.ipv4.tcp_syncookies', { hostNetwork: true })).toBe(
      'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
    )
  })
})

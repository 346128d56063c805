import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { describe, expect, it } from 'vitest'
import { encodeKeyPair, generateKeyPair } from './keys.ts'

/** A key pair whose private seed begins with so many zero bytes. */
function aKeyPairWithZeros(count: number): { publicBytes: Buffer; seed: Buffer } {
  const seed = Buffer.concat([Buffer.alloc(count), Buffer.alloc(32 - count, 7)])
  // PKCS #8 of an ed25519 key: this prefix, then the seed.
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return { seed, publicBytes: Buffer.from(x, 'base64url') }
}

describe('an SSH key pair', () => {
  it('is read by ssh2, both halves being of one key', () => {
    const { privateKey, publicKey } = generateKeyPair('worker-1')
    const parsed = ssh2.utils.parseKey(privateKey)
    if (parsed instanceof Error) throw parsed
    expect(parsed.getPublicSSH().toString('base64')).toBe(publicKey.split(' ')[1])
    expect(publicKey).toMatch(/^ssh-ed25519 \S+ worker-1$/)
  })

  it('is loaded by OpenSSH, also when its seed begins with zero bytes', ({ skip }) => {
    if (spawnSync('ssh-keygen', ['-?']).error !== undefined) skip('no ssh-keygen here')
    const folder = mkdtempSync(join(tmpdir(), 'orrery-key-'))
    for (const zeros of [0, 1, 2]) {
      const { publicBytes, seed } = aKeyPairWithZeros(zeros)
      const { privateKey, publicKey } = encodeKeyPair(publicBytes, seed, 'worker-1')
      const file = join(folder, `key-${zeros}`)
      writeFileSync(file, privateKey, { mode: 0o600 })
      expect(execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).trim()).toBe(publicKey)
    }
    rmSync(folder, { recursive: true })
  })
})

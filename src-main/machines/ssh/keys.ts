import { generateKeyPairSync, randomBytes } from 'node:crypto'

export interface KeyPair {
  /** In OpenSSH's own form, for a file of mode 0600. */
  readonly privateKey: string
  /** One line: type, key, comment. */
  readonly publicKey: string
}

const keyType = 'ssh-ed25519'
/** Of the cipher `none`: the private part is padded to it. */
const blockBytes = 8

/**
 * A new ed25519 key pair. Written in OpenSSH's form here: ssh2 loses the leading zero bytes of one key in about a
 * hundred, and sshd does not load such a key.
 */
export function generateKeyPair(comment: string): KeyPair {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return encodeKeyPair(Buffer.from(x, 'base64url'), Buffer.from(d, 'base64url'), comment)
}

/** The public key and the private seed have 32 bytes each. */
export function encodeKeyPair(publicBytes: Uint8Array, seed: Uint8Array, comment: string): KeyPair {
  const publicBlob = Buffer.concat([field(keyType), field(publicBytes)])
  const check = randomBytes(4)
  const secret = Buffer.concat([
    ...[check, check, field(keyType), field(publicBytes)],
    ...[field(Buffer.concat([seed, publicBytes])), field(comment)],
  ])
  const padding = Buffer.from(Array.from({ length: -secret.length & (blockBytes - 1) }, (_, index) => index + 1))
  const keyCount = Buffer.from([0, 0, 0, 1])
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[field('none'), field('none'), field(''), keyCount],
    ...[field(publicBlob), field(Buffer.concat([secret, padding]))],
  ])
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? []
  return {
    privateKey: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
    publicKey: `${keyType} ${publicBlob.toString('base64')} ${comment}`,
  }
}

/** A length of four bytes, then the bytes. */
function field(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

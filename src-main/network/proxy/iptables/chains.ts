import { hash } from 'node:crypto'

/** Names of chains have at most 28 characters: a prefix and a hash of what the chain is for. */
function chainName(prefix: string, ...parts: readonly (string | number)[]): string {
  const digest = hash('sha256', parts.join('|'), 'buffer').subarray(0, 10)
  return `${prefix}${base32(digest)}`
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function base32(bytes: Uint8Array): string {
  let text = ''
  let pending = 0
  let bits = 0
  for (const byte of bytes) {
    pending = (pending << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet.charAt((pending >> (bits - 5)) & 31)
    pending &= (1 << bits) - 1
  }
  return text
}

/** All endpoints of a service port. */
export const serviceChain = (port: string, protocol: string): string => chainName('KUBE-SVC-', port, protocol)
/** Those on this node. */
export const localChain = (port: string, protocol: string): string => chainName('KUBE-SVL-', port, protocol)
/** Traffic that comes from outside of the cluster. */
export const externalChain = (port: string, protocol: string): string => chainName('KUBE-EXT-', port, protocol)
/** One endpoint. */
export const endpointChain = (port: string, protocol: string, endpoint: string): string =>
  chainName('KUBE-SEP-', port, protocol, endpoint)

/** Chains that come and go with services. */
export const isServiceChain = (name: string): boolean => /^KUBE-(SVC|SVL|EXT|SEP)-/.test(name)

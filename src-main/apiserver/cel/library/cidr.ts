/** Networks. */
import { EvaluationError } from '../errors.ts'
import type { CidrValue, IpValue } from './ip-address.ts'
import { parseCidr, parseIp } from './ip-address.ts'
import { global, member, scan, type Overload } from './overload.ts'

function cidr(text: string): CidrValue {
  const value = parseCidr(text)
  if (value === undefined)
    throw new EvaluationError(`network address parse error during conversion from string: ${JSON.stringify(text)}`)
  return value
}

function containsText(network: CidrValue, text: string): boolean {
  const address = parseIp(text)
  if (address === undefined)
    throw new EvaluationError(`IP Address ${JSON.stringify(text)} parse error during conversion from string`)
  return network.contains(address)
}

const containsCidr = (network: CidrValue, other: CidrValue): boolean =>
  other.length >= network.length && network.contains(other.ip)

const type = 'net.CIDR'

export const cidrLibrary: readonly Overload[] = [
  global('cidr', ['string'], type, cidr, { cost: scan }),
  global('isCIDR', ['string'], 'bool', (text: string) => parseCidr(text) !== undefined, { cost: scan }),
  global('string', [type], 'string', (network: CidrValue) => network.toString()),
  member(type, 'containsIP', ['net.IP'], 'bool', (network: CidrValue, address: IpValue) => network.contains(address)),
  member(type, 'containsIP', ['string'], 'bool', containsText),
  member(type, 'containsCIDR', [type], 'bool', containsCidr),
  member(type, 'containsCIDR', ['string'], 'bool', (network: CidrValue, text: string) =>
    containsCidr(network, cidr(text)),
  ),
  member(type, 'ip', [], 'net.IP', ({ ip }: CidrValue) => ip),
  member(type, 'masked', [], type, ({ masked }: CidrValue) => masked),
  member(type, 'prefixLength', [], 'int', ({ length }: CidrValue) => BigInt(length)),
]

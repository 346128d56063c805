/** IP addresses. */
import { EvaluationError } from '../errors.ts'
import type { IpValue } from './ip-address.ts'
import { parseCidr, parseIp, type CidrValue } from './ip-address.ts'
import { global, member, scan, type Overload } from './overload.ts'

function ip(text: string): IpValue {
  const value = parseIp(text)
  if (value === undefined)
    throw new EvaluationError(`IP Address ${JSON.stringify(text)} parse error during conversion from string`)
  return value
}

const network = (text: string): CidrValue | undefined => parseCidr(text)
const linkLocal = [network('169.254.0.0/16'), network('fe80::/10')]
const linkLocalMulticast = [network('224.0.0.0/24'), network('ff02::/16')]
const multicast = [network('224.0.0.0/4'), network('ff00::/8')]
const loopback = [network('127.0.0.0/8'), network('::1/128')]

const isIn = (networks: readonly (CidrValue | undefined)[], address: IpValue): boolean =>
  networks.some((one) => one?.contains(address) === true)

const isUnspecified = ({ bits }: IpValue): boolean => bits === 0n
const isBroadcast = ({ family, bits }: IpValue): boolean => family === 4 && bits === 0xffffffffn

const isGlobalUnicast = (address: IpValue): boolean =>
  !isUnspecified(address) &&
  !isBroadcast(address) &&
  !isIn(loopback, address) &&
  !isIn(multicast, address) &&
  !isIn(linkLocal, address)

const type = 'net.IP'

export const ipLibrary: readonly Overload[] = [
  global('ip', ['string'], type, ip, { cost: scan }),
  global('isIP', ['string'], 'bool', (text: string) => parseIp(text) !== undefined, { cost: scan }),
  global('ip.isCanonical', ['string'], 'bool', (text: string) => ip(text).toString() === text, { cost: scan }),
  global('string', [type], 'string', (address: IpValue) => address.toString()),
  member(type, 'family', [], 'int', ({ family }: IpValue) => BigInt(family)),
  member(type, 'isUnspecified', [], 'bool', isUnspecified),
  member(type, 'isLoopback', [], 'bool', (address: IpValue) => isIn(loopback, address)),
  member(type, 'isLinkLocalMulticast', [], 'bool', (address: IpValue) => isIn(linkLocalMulticast, address)),
  member(type, 'isLinkLocalUnicast', [], 'bool', (address: IpValue) => isIn(linkLocal, address)),
  member(type, 'isGlobalUnicast', [], 'bool', isGlobalUnicast),
]

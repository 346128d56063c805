/** IP addresses and networks as numbers. */
import { ipFamily } from '../../../api/meta/ip.ts'
import { OpaqueValue } from '../values/value.ts'

export class IpValue extends OpaqueValue {
  readonly typeName = 'net.IP'
  readonly family: 4 | 6
  readonly bits: bigint

  constructor(family: 4 | 6, bits: bigint) {
    super()
    this.family = family
    this.bits = bits
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof IpValue && other.family === this.family && other.bits === this.bits
  }

  override toString(): string {
    return this.family === 4 ? ipv4Text(this.bits) : ipv6Text(this.bits)
  }
}

export class CidrValue extends OpaqueValue {
  readonly typeName = 'net.CIDR'
  readonly ip: IpValue
  readonly length: number

  constructor(ip: IpValue, length: number) {
    super()
    this.ip = ip
    this.length = length
  }

  private get hostBits(): bigint {
    return BigInt((this.ip.family === 4 ? 32 : 128) - this.length)
  }

  get masked(): CidrValue {
    return new CidrValue(new IpValue(this.ip.family, (this.ip.bits >> this.hostBits) << this.hostBits), this.length)
  }

  contains(ip: IpValue): boolean {
    return ip.family === this.ip.family && ip.bits >> this.hostBits === this.ip.bits >> this.hostBits
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof CidrValue && other.length === this.length && other.ip.equals(this.ip)
  }

  override toString(): string {
    return `${this.ip.toString()}/${this.length}`
  }
}

/** Undefined when the text is no address; one that is IPv4 in the clothes of IPv6 is none here. */
export function parseIp(text: string): IpValue | undefined {
  const family = ipFamily(text)
  if (family === undefined) return undefined
  if (family === 4) return new IpValue(4, ipv4Bits(text))
  const bits = ipv6Bits(text)
  return bits >> 32n === 0xffffn ? undefined : new IpValue(6, bits)
}

/** Undefined when the text is no network. */
export function parseCidr(text: string): CidrValue | undefined {
  const [address = '', length = '', ...rest] = text.split('/')
  const ip = parseIp(address)
  if (ip === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined
  return Number(length) <= (ip.family === 4 ? 32 : 128) ? new CidrValue(ip, Number(length)) : undefined
}

const ipv4Bits = (text: string): bigint => text.split('.').reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n)

function ipv6Bits(text: string): bigint {
  const [head = '', tail] = text.split('::')
  const groupsOf = (part: string): bigint[] =>
    part === ''
      ? []
      : part.split(':').flatMap((group) => (group.includes('.') ? pairOf(group) : [BigInt(`0x${group}`)]))
  const before = groupsOf(head)
  const after = tail === undefined ? [] : groupsOf(tail)
  const middle = Array.from({ length: 8 - before.length - after.length }, () => 0n)
  return [...before, ...middle, ...after].reduce((bits, group) => (bits << 16n) | group, 0n)
}

function pairOf(ipv4: string): bigint[] {
  const bits = ipv4Bits(ipv4)
  return [bits >> 16n, bits & 0xffffn]
}

const ipv4Text = (bits: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.')

/** The longest run of zero groups, of at least two, becomes `::`. */
function ipv6Text(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_none, index) =>
    ((bits >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  )
  let start = -1
  let length = 1
  for (let at = 0; at < 8; at++) {
    let end = at
    while (end < 8 && groups[end] === '0') end++
    if (end - at > length) {
      start = at
      length = end - at
    }
  }
  if (start < 0) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

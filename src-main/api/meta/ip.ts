/** IP addresses and CIDRs as texts. */

/** 4 or 6; undefined when the text is no IP address. Octets with leading zeros are none. */
export function ipFamily(text: string): 4 | 6 | undefined {
  if (isIpv4(text)) return 4
  return isIpv6(text) ? 6 : undefined
}

function isIpv4(text: string): boolean {
  const octets = text.split('.')
  return octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255)
}

function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  const embedded = last.includes('.')
  if (embedded && !isIpv4(last)) return false
  const plain = embedded ? groups.slice(0, -1) : groups
  const size = plain.length + (embedded ? 2 : 0)
  return plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) && (halves.length === 2 ? size < 8 : size === 8)
}

export const ipProblems = (text = ''): string[] =>
  ipFamily(text) === undefined ? ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'] : []

/** Ranges that traffic of others cannot be sent to, as the bits that their addresses begin with. */
const special: readonly (readonly [words: string, begins: readonly RegExp[]])[] = [
  ['may not be in the loopback range (127.0.0.0/8, ::1/128)', [/^01111111.{24}$/, /^0{127}1$/]],
  ['may not be in the link-local range (169.254.0.0/16, fe80::/10)', [/^1010100111111110.{16}$/, /^1111111010.{118}$/]],
  [
    'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    [/^111000000{16}.{8}$/, /^11111111.{4}0010.{112}$/],
  ],
]

/** Why traffic of others cannot be sent to an address, which must be one; `text` is how it was written. */
export function specialIpProblems(address: string, text = address): string[] {
  const bits = bitsOf(address).replace(mappedPrefix, '')
  return [
    ...(/^0+$/.test(bits) ? [`may not be unspecified (${text})`] : []),
    ...special.filter(([, ranges]) => ranges.some((range) => range.test(bits))).map(([words]) => words),
  ]
}

/** The same; for a text that is no address, that it is none. */
export function reachableIpProblems(text = ''): string[] {
  const problems = ipProblems(text)
  return problems.length > 0 ? problems : specialIpProblems(text)
}

/** What an IPv4 address begins with that is written as one of IPv6. */
const mappedPrefix = /^0{80}1{16}/

/** Whether it is an IPv4 address in the form of IPv6, such as `::ffff:10.0.0.1`. */
export const isMappedIp = (text: string): boolean => ipFamily(text) === 6 && mappedPrefix.test(bitsOf(text))

/** 4 or 6 for an address with a prefix length, such as `10.0.0.0/16`. */
export function cidrFamily(text: string): 4 | 6 | undefined {
  const [address = '', length = '', ...rest] = text.split('/')
  const family = ipFamily(address)
  if (family === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined
  return Number(length) <= (family === 4 ? 32 : 128) ? family : undefined
}

export const cidrProblems = (text = ''): string[] =>
  cidrFamily(text) === undefined ? ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'] : []

/** The bits of an address, which must be one. */
export function bitsOf(address: string): string {
  const binary = (value: number, width: number): string => value.toString(2).padStart(width, '0')
  if (ipFamily(address) === 4)
    return address
      .split('.')
      .map((octet) => binary(Number(octet), 8))
      .join('')
  // A tail that is written as IPv4 stands for two groups.
  const plain = address.replace(/[0-9.]+$/, (tail) =>
    tail.includes('.')
      ? (bitsOf(tail).match(/.{16}/g) ?? []).map((bits) => parseInt(bits, 2).toString(16)).join(':')
      : tail,
  )
  const [before = '', after] = plain.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [head, tail] = [groups(before), groups(after ?? '')]
  const zeros = after === undefined ? [] : Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return [...head, ...zeros, ...tail].map((group) => binary(parseInt(group, 16), 16)).join('')
}

/** Whether an address is in a range. */
function contains(range: string, address: string): boolean {
  const [base = '', size = ''] = range.split('/')
  const prefix = (text: string): string => bitsOf(text).slice(0, Number(size))
  return cidrFamily(range) === ipFamily(address) && prefix(base) === prefix(address)
}

/** Whether one range lies in another and is smaller; both must be CIDRs. */
export function isWithin(inner: string, outer: string): boolean {
  const [address = '', length = ''] = inner.split('/')
  const [, size = ''] = outer.split('/')
  return cidrFamily(inner) === cidrFamily(outer) && Number(length) > Number(size) && contains(outer, address)
}

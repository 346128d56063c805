/** A range of IPv4 addresses, as numbers and as text. */
export interface IpRange {
  readonly cidr: string
  readonly first: number
  /** How many addresses it has, network and broadcast included. */
  readonly size: number
}

/** Throws for anything but an IPv4 CIDR of at least four addresses. */
export function parseIpRange(cidr: string): IpRange {
  const [address = '', bitsText = ''] = cidr.split('/')
  const number = parseIp(address)
  const bits = Number(bitsText)
  if (number === undefined || !Number.isInteger(bits) || bits < 8 || bits > 30)
    throw new Error(`${JSON.stringify(cidr)} is not an IPv4 range such as 10.96.0.0/12`)
  const size = 2 ** (32 - bits)
  return { cidr, first: number - (number % size), size }
}

/** The address as a number; undefined when the text is no IPv4 address in its canonical form. */
export function parseIp(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let number = 0
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    number = number * 256 + Number(part)
  }
  return number
}

export function ipText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}

export const contains = ({ first, size }: IpRange, ip: number): boolean => ip >= first && ip < first + size

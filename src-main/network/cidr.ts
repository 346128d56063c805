/** IPv4 networks, as numbers. */
export interface Cidr {
  /** The network's address as a number. */
  readonly base: number
  readonly bits: number
}

/** Throws when the text is no IPv4 network. */
export function parseCidr(text: string): Cidr {
  const [address = '', length = ''] = text.split('/')
  const bits = Number(length)
  if (length === '' || !Number.isInteger(bits) || bits < 0 || bits > 32)
    throw new Error(`${text} is not an IPv4 network`)
  const value = addressNumber(address)
  if (value === undefined) throw new Error(`${text} is not an IPv4 network`)
  return { base: value - (value % 2 ** (32 - bits)), bits }
}

/** How many addresses the network holds. */
export const sizeOf = ({ bits }: Cidr): number => 2 ** (32 - bits)

export const cidrText = ({ base, bits }: Cidr): string => `${addressText(base)}/${bits}`

/** Undefined when the text is no IPv4 address. */
export function addressNumber(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

export function addressText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}

export const nthAddress = ({ base }: Cidr, index: number): string => addressText(base + index)

export function contains(network: Cidr, address: string): boolean {
  const value = addressNumber(address)
  return value !== undefined && value >= network.base && value < network.base + sizeOf(network)
}

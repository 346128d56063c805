/** Addresses and ranges in the one form that new fields of the API take, in the words of Kubernetes (KEP-4858). */
import { bitsOf, cidrFamily, cidrProblems, ipFamily, ipProblems, isMappedIp, specialIpProblems } from './ip.ts'

/** Once, addresses with zeros before their numbers were read. */
const withoutZeros = (text: string): string => text.replace(/(^|[.:/])0+(?=[\da-fA-F])/g, '$1')

/** What an address was ever read as; undefined for what never was one. */
function readableIp(text: string): string | undefined {
  if (ipFamily(text) !== undefined) return text
  const bare = withoutZeros(text)
  return ipFamily(bare) === undefined ? undefined : bare
}

/** 4 or 6 for every text that was ever read as an address. */
export function sloppyFamily(text: string): 4 | 6 | undefined {
  const address = readableIp(text)
  if (address === undefined) return undefined
  return isMappedIp(address) ? 4 : ipFamily(address)
}

/** The text of RFC 5952; the address must be one. */
export const canonicalIp = (address: string): string =>
  ipFamily(address) === 4 ? address : new URL(`http://[${address}]`).hostname.slice(1, -1)

/** Of an address whose field has been there for long: it may be written in any way that is not mistaken for another. */
export function unambiguousIpProblems(text: string): string[] {
  if (ipFamily(text) === undefined)
    return readableIp(text) === undefined ? ipProblems(text) : ['must not have leading 0s']
  return isMappedIp(text) ? ['must not be an IPv4-mapped IPv6 address'] : []
}

/** Why an endpoint cannot have this address, however it is written. */
export function endpointIpProblems(text: string): string[] {
  const address = readableIp(text)
  return address === undefined ? ['must be a valid IP address'] : specialIpProblems(address, text)
}

export function strictIpProblems(text: string): string[] {
  const problems = unambiguousIpProblems(text)
  return problems.length > 0 ? problems : canonicalProblem(text, canonicalIp(text))
}

const canonicalProblem = (text: string, canonical: string): string[] =>
  text === canonical ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`]

export function strictCidrProblems(text: string): string[] {
  const bare = withoutZeros(text)
  if (cidrFamily(text) === undefined)
    return cidrFamily(bare) === undefined ? cidrProblems(text) : ['must not have leading 0s in IP or prefix length']
  const [address = '', size = ''] = text.split('/')
  if (isMappedIp(address)) return ['must not have an IPv4-mapped IPv6 address']
  if (bitsOf(address).includes('1', Number(size))) return ['must not have bits set beyond the prefix length']
  return canonicalProblem(text, `${canonicalIp(address)}/${size}`)
}

/** The family of a range that was ever read as one. */
export function sloppyCidrFamily(text: string): 4 | 6 | undefined {
  const bare = withoutZeros(text)
  if (cidrFamily(bare) === undefined) return undefined
  return sloppyFamily(bare.split('/')[0] ?? '')
}

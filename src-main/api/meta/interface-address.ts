/** Addresses of interfaces: an IP address with the size of its network, such as `10.1.2.3/24`. */
import { ipFamily } from './ip.ts'

const noAddress = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'

/** Octets with leading zeros can be read, though nobody should write them. */
const plainOctets = (text: string): string => (/^[\d.]+$/.test(text) ? text.replace(/(^|\.)0+(?=\d)/g, '$1') : text)

export function interfaceAddressProblems(text: string): string[] {
  const slash = text.indexOf('/')
  const [written, length] = [text.slice(0, slash), text.slice(slash + 1)]
  const address = plainOctets(written)
  const family = ipFamily(address)
  if (slash < 0 || family === undefined || !/^\d{1,3}$/.test(length)) return [noAddress]
  const bits = Number(length)
  if (bits > (family === 4 ? 32 : 128)) return [noAddress]
  const canonical = canonicalText(address, family, bits)
  return text === canonical ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`]
}

function canonicalText(address: string, family: 4 | 6, bits: number): string {
  if (family === 4) return `${address}/${bits}`
  // The shortest form (RFC 5952) is that of URLs.
  const text = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text)
  if (mapped === null) return `${text}/${bits}`
  const octets = mapped.slice(1).flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255])
  return `${octets.join('.')}/${bits > 32 ? bits - 96 : bits}`
}

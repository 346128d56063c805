import { ipFamily } from '../meta/ip.ts'
import { canonicalIp } from '../meta/strict-ip.ts'

/** Every IPv6 address has many texts, of which one is the right one. */
export function addressWarnings(address: string, path: string): string[] {
  if (ipFamily(address) !== 6) return []
  const canonical = canonicalIp(address)
  return canonical === address
    ? []
    : [
        `${path}: IPv6 address ${JSON.stringify(address)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`,
      ]
}

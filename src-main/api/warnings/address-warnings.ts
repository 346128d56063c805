import { ipFamily } from '../meta/ip.ts'

/** Every IPv6 address has many texts, of which one is the right one. */
export function addressWarnings(address: string, path: string): string[] {
  if (ipFamily(address) !== 6) return []
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  return canonical === address
    ? []
    : [
        `${path}: IPv6 address ${JSON.stringify(address)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`,
      ]
}

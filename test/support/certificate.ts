/** Certificates as signers give them, but that nobody signed: for rules that read what a certificate says. */
const der = (tag: number, ...content: (readonly number[])[]): number[] => {
  const bytes = content.flat()
  const length = bytes.length < 0x80 ? [bytes.length] : [0x82, bytes.length >> 8, bytes.length & 0xff]
  return [tag, ...length, ...bytes]
}
const text = (value: string): number[] => [...new TextEncoder().encode(value)]
const sequence = 0x30
/** Ed25519. */
const algorithm = der(sequence, der(0x06, [0x2b, 0x65, 0x70]))
const time = (iso: string): number[] => der(0x18, text(`${iso.replace(/\D/g, '').slice(0, 14)}Z`))

export interface CertificateParts {
  readonly isAuthority?: boolean
  readonly notBefore?: string
  readonly notAfter?: string
  readonly dnsNames?: readonly string[]
  /** Another number makes another certificate. */
  readonly serial?: number
}

/** One block of PEM. */
export function aCertificate(parts: CertificateParts = {}): string {
  const { isAuthority = true, dnsNames = [], serial = 1 } = parts
  const { notBefore = '2030-01-01T00:00:00Z', notAfter = '2030-01-02T00:00:00Z' } = parts
  const extension = (name: number[], value: number[]): number[] =>
    der(sequence, der(0x06, [0x55, 0x1d, ...name]), der(0x04, value))
  const constraints = extension([19], der(sequence, ...(isAuthority ? [der(0x01, [0xff])] : [])))
  const names = dnsNames.map((name) => der(0x82, text(name)))
  const alternatives = names.length === 0 ? [] : extension([17], der(sequence, ...names))
  const body = der(
    sequence,
    der(0xa0, der(0x02, [2])),
    der(0x02, [serial]),
    algorithm,
    der(sequence),
    der(sequence, time(notBefore), time(notAfter)),
    der(sequence),
    der(sequence, algorithm, der(0x03, [0])),
    der(0xa3, der(sequence, constraints, alternatives)),
  )
  return aBlock(Uint8Array.from(der(sequence, body, algorithm, der(0x03, [0]))))
}

export const aBlock = (bytes: Uint8Array, type = 'CERTIFICATE'): string =>
  `-----BEGIN ${type}-----\n${Buffer.from(bytes).toString('base64')}\n-----END ${type}-----\n`

import { bytesOf, contentOf, elements, oidText, sequence, type Element } from './der.ts'

/** Reads a certificate request (PKCS #10, RFC 2986): who asks to be certified as what. Checks no signature. */
export interface CertificateRequest {
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly dnsNames: readonly string[]
  readonly emails: readonly string[]
  readonly uris: readonly string[]
  readonly ipAddresses: readonly string[]
}

const commonName = '2.5.4.3'
const organization = '2.5.4.10'
const extensionRequest = '1.2.840.113549.1.9.14'
const alternativeNames = '2.5.29.17'

/** `base64` is the field `spec.request`: a PEM text in base64. Undefined for anything that is no certificate request. */
export function readCertificateRequest(base64: string): CertificateRequest | undefined {
  try {
    const pem = /^-----BEGIN CERTIFICATE REQUEST-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE REQUEST-----\s*$/
    const body = pem.exec(atob(base64).trimStart())?.[1]
    return body === undefined ? undefined : parseRequest(bytesOf(atob(body.replace(/\s+/g, ''))))
  } catch {
    // Not base64 or not DER: it is none.
    return undefined
  }
}

/** Whether base64 holds a certificate request without PEM around it. */
export function isRequestInDer(base64: string): boolean {
  try {
    parseRequest(bytesOf(atob(base64)))
    return true
  } catch {
    return false
  }
}

function parseRequest(der: Uint8Array): CertificateRequest {
  const [request] = elements(der)
  const [info] = elements(contentOf(request, sequence))
  const [, subject, , attributes] = elements(contentOf(info, sequence))
  const names = subjectNames(contentOf(subject, sequence))
  const named = (type: string): string[] => names.flatMap(([oid, value]) => (oid === type ? value : []))
  const alternatives = attributes === undefined ? [] : alternativesOf(attributes.content)
  const withTag = (tag: number): string[] =>
    alternatives.flatMap((one) => ((one.tag & 0x1f) === tag ? textOf(one.content) : []))
  return {
    commonName: named(commonName)[0] ?? '',
    organizations: named(organization),
    emails: withTag(1),
    dnsNames: withTag(2),
    uris: withTag(6),
    ipAddresses: alternatives.flatMap(({ tag, content }) => ((tag & 0x1f) === 7 ? addressText(content) : [])),
  }
}

function subjectNames(content: Uint8Array): (readonly [oid: string, value: string])[] {
  return elements(content).flatMap((set) =>
    elements(set.content).map((pair) => {
      const [oid, value] = elements(contentOf(pair, sequence))
      return [oidText(oid?.content ?? new Uint8Array()), stringOf(value)] as const
    }),
  )
}

/** The text of a name as whoever signs it understands it: in the encoding that its tag names. */
function stringOf(element: Element | undefined): string {
  if (element === undefined) throw new RangeError('an element is missing')
  const encoding = encodings.get(element.tag)
  if (encoding === undefined) throw new RangeError('the encoding of a name is not known')
  return new TextDecoder(encoding, { fatal: true }).decode(element.content)
}

/** UTF8String, NumericString, PrintableString, IA5String; TeletexString; BMPString. */
const encodings: ReadonlyMap<number, string> = new Map([
  ...[0x0c, 0x12, 0x13, 0x16].map((tag) => [tag, 'utf-8'] as const),
  [0x14, 'latin1'],
  [0x1e, 'utf-16be'],
])

function alternativesOf(attributes: Uint8Array): Element[] {
  for (const attribute of elements(attributes)) {
    const [oid, values] = elements(attribute.content)
    if (oid === undefined || values === undefined || oidText(oid.content) !== extensionRequest) continue
    const extensions = elements(values.content).flatMap((list) => elements(list.content))
    for (const extension of extensions) {
      const parts = elements(extension.content)
      const value = parts.at(-1)
      if (value === undefined || oidText(parts[0]?.content ?? new Uint8Array()) !== alternativeNames) continue
      return elements(value.content).flatMap((names) => elements(names.content))
    }
  }
  return []
}

const decoder = new TextDecoder()
const textOf = (bytes: Uint8Array): string => decoder.decode(bytes)

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: bytes.length / 2 }, (_, at) =>
    ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16),
  )
  return groups.join(':')
}

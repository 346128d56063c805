/** Reads certificates (X.509, RFC 5280), as far as rules of the API ask for what they say. Checks no signature. */
import { contentOf, elements, oidText, sequence, type Element } from './der.ts'

export interface Certificate {
  readonly isAuthority: boolean
  /** In milliseconds since 1970, as `notAfter`. */
  readonly notBefore: number
  readonly notAfter: number
  readonly dnsNames: readonly string[]
}

const basicConstraints = '2.5.29.19'
const alternativeNames = '2.5.29.17'
const version = 0xa0
const extensionList = 0xa3
const boolean = 0x01
const utcTime = 0x17
const dnsName = 0x82

/** Undefined for anything that is no certificate. */
export function readCertificate(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function parseCertificate(der: Uint8Array): Certificate {
  const [whole, ...rest] = elements(der)
  const [body, algorithm, signature] = elements(contentOf(whole, sequence))
  if (rest.length > 0 || algorithm === undefined || signature === undefined)
    throw new RangeError('a certificate has three parts')
  const fields = elements(contentOf(body, sequence))
  const [, , , validity, subject, key, ...others] = fields[0]?.tag === version ? fields.slice(1) : fields
  contentOf(subject, sequence)
  contentOf(key, sequence)
  const [from, until] = elements(contentOf(validity, sequence))
  const extensions = extensionsOf(others)
  const [authority] = elements(extensions.get(basicConstraints) ?? new Uint8Array())
  const [flag] = authority === undefined ? [] : elements(contentOf(authority, sequence))
  const [names] = elements(extensions.get(alternativeNames) ?? new Uint8Array())
  return {
    isAuthority: flag?.tag === boolean && (flag.content[0] ?? 0) !== 0,
    notBefore: timeOf(from),
    notAfter: timeOf(until),
    dnsNames: (names === undefined ? [] : elements(names.content))
      .filter(({ tag }) => tag === dnsName)
      .map(({ content }) => textOf(content)),
  }
}

/** The value of each extension by its name. */
function extensionsOf(fields: readonly Element[]): Map<string, Uint8Array> {
  const holder = fields.find(({ tag }) => tag === extensionList)
  const [list] = holder === undefined ? [] : elements(holder.content)
  const pairs = (list === undefined ? [] : elements(list.content)).map(({ content }): [string, Uint8Array] => {
    const parts = elements(content)
    const [name, value] = [parts[0], parts.at(-1)]
    if (name === undefined || value === undefined) throw new RangeError('an extension has a name and a value')
    return [oidText(name.content), value.content]
  })
  return new Map(pairs)
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Years of two digits are those from 1950. */
function timeOf(element: Element | undefined): number {
  const match = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(textOf(element?.content ?? new Uint8Array()))
  if (match === null || element === undefined) throw new RangeError('a time is missing')
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  const whole = element.tag === utcTime ? year + (year < 50 ? 2000 : 1900) : year
  return Date.UTC(whole, month - 1, day, hour, minute, second)
}

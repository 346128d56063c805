/** The string formats that the API server checks. Unknown formats say nothing about a value. */
import { cidrFamily, ipFamily } from '../meta/ip.ts'

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const uuid3 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const uuid4 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i
const uuid5 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const dateTime = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/
const goDuration = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*$/
/** Numbers with a unit, anywhere in the text. */
const wordDurations = /(\d+)\s*([a-zµ]+)/gi
const largestNumber = 2n ** 63n - 1n
const durationUnits = new Set(['ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'hr', 'd', 'w', 'wk'])
/** A unit may go on after one of these: seconds, minutes. */
const durationWords = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week']
const hostCharacter = '[a-zA-Z0-9\\p{S}\\p{L}]'
const hostLabel = `${hostCharacter}(?:(?:${hostCharacter}|-){0,61}${hostCharacter})?`
/** One label, or several of which the last is made of letters. */
const hostname = new RegExp(
  `^(?:${hostCharacter}(?:-?${hostCharacter}{0,62})?|(?:${hostLabel}\\.)+[a-zA-Z\\p{L}]{2,63})$`,
  'u',
)
/** Texts of these formats are short; a long one is none, and not worth a look. */
const shortText = 4096

const short =
  (check: (text: string) => boolean) =>
  (text: string): boolean =>
    text.length <= shortText && check(text)
const matching = (expression: RegExp): ((text: string) => boolean) => short((text) => expression.test(text))

const checks: Readonly<Record<string, (text: string) => boolean>> = {
  byte: (text) => text !== '' && text.length % 4 === 0 && base64.test(text),
  date: short(isDate),
  'date-time': short(isDateTime),
  datetime: short(isDateTime),
  duration: short((text) => (goDuration.test(text) && !/\d{19}/.test(text)) || hasWordDuration(text)),
  email: short(isEmail),
  hostname: short(isHostname),
  ipv4: short((text) => text.includes('.') && ipFamily(withoutZeros(text)) !== undefined),
  ipv6: short((text) => text.includes(':') && ipFamily(withoutZeros(text)) !== undefined),
  cidr: short((text) => cidrFamily(withoutZeros(text)) !== undefined),
  mac: matching(
    /^(?:[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?:(?:\1[0-9a-f]{2}){2})?|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2,3})$/i,
  ),
  uri: short(isUri),
  uuid: matching(uuid),
  uuid3: matching(uuid3),
  uuid4: matching(uuid4),
  uuid5: matching(uuid5),
  bsonobjectid: matching(/^[0-9a-f]{24}$/i),
  hexcolor: matching(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i),
  rgbcolor: short(isRgbColor),
  creditcard: short(isCardNumber),
  ssn: matching(/^\d{3}[- ]\d{2}[- ]\d{4}$/),
  isbn: short((text) => isIsbn10(text) || isIsbn13(text)),
  isbn10: short(isIsbn10),
  isbn13: short(isIsbn13),
  'k8s-short-name': matching(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/),
  'k8s-long-name': short(
    (text) =>
      text.length <= 253 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/.test(text),
  ),
}

export const isKnownFormat = (format: string): boolean => Object.hasOwn(checks, format)

/** Whether a text has the format; an unknown format has no rule. */
export function hasFormat(text: string, format: string): boolean {
  return (Object.hasOwn(checks, format) ? checks[format] : undefined)?.(text) ?? true
}

function hasWordDuration(text: string): boolean {
  const found = [...text.matchAll(wordDurations)]
  if (found.some(([, number]) => BigInt(number ?? '0') > largestNumber)) return false
  return found.some(([, , unit = '']) => {
    const small = unit.toLowerCase()
    return durationUnits.has(small) || durationWords.some((word) => small.startsWith(word))
  })
}

/** Kubernetes reads addresses here as generously as it always did. */
const withoutZeros = (text: string): string =>
  text.includes('.') || text.includes('/') ? text.replace(/(^|[.:/])0+(?=\d)/g, '$1') : text

/** UTF-8. */
const bytesOf = (text: string): number => new TextEncoder().encode(text).length

function isHostname(text: string): boolean {
  return bytesOf(text) <= 255 && hostname.test(text) && text.split('.').every((label) => bytesOf(label) <= 63)
}

function isDate(text: string): boolean {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  return found !== null && isDay(Number(found[1]), Number(found[2]), Number(found[3]))
}

function isDateTime(text: string): boolean {
  const found = dateTime.exec(text)
  if (found === null) return false
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number)
  return isDay(year, month, day) && hour < 24 && minute < 60 && second < 60
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

const mailAtom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\uffff-]+"
const mailAddress = new RegExp(
  `^(?:"(?:[^"\\\\]|\\\\.)*"|${mailAtom}(?:\\.${mailAtom})*)@${mailAtom}(?:\\.${mailAtom})*$`,
)

function isEmail(text: string): boolean {
  return mailAddress.test((/<([^<>]+)>\s*$/.exec(text)?.[1] ?? text).replace(/^[ \t]+|[ \t]+$/g, ''))
}

/** A path, or anything with a scheme. */
function isUri(text: string): boolean {
  if (/[\u0000-\u001f\u007f]/.test(text)) return false
  const [, scheme = '', rest = ''] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(.*)$/su.exec(text) ?? []
  if (!rest.startsWith('/')) return scheme !== ''
  const [, authority = '', path = ''] = scheme === '' ? ['', '', rest] : (/^(?:\/\/([^/?#]*))?(.*)$/su.exec(rest) ?? [])
  return isAuthority(authority) && !/%(?![0-9a-f]{2})/i.test(path.replace(/[?#].*$/s, ''))
}

function isAuthority(authority: string): boolean {
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (host.startsWith('[')) return /^\[[^\]]*\](?::\d*)?$/.test(host)
  const port = host.includes(':') ? host.slice(host.lastIndexOf(':') + 1) : ''
  return /^\d*$/.test(port) && /^(?:[\w\-.~!$&'()*+,;=:<>"\]\u0080-\uffff]|%[89a-f][0-9a-f])*$/i.test(host)
}

function isRgbColor(text: string): boolean {
  const found = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text)
  return found !== null && found.slice(1).every((part) => Number(part) <= 255)
}

/** The brands that are known: Visa, Mastercard, Discover, American Express, Diners Club, JCB, UnionPay. */
const cardNumber =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11}|6[27]\d{14})$/

/** Luhn's sum. */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '')
  if (!cardNumber.test(digits)) return false
  const sum = [...digits].toReversed().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[- ]/g, '')
  if (!/^\d{9}[\dX]$/.test(digits)) return false
  const sum = [...digits].reduce(
    (total, digit, index) => total + (10 - index) * (digit === 'X' ? 10 : Number(digit)),
    0,
  )
  return sum % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[- ]/g, '')
  if (!/^\d{13}$/.test(digits)) return false
  const sum = [...digits].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0)
  return sum % 10 === 0
}

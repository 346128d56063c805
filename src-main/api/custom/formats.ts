/** The string formats that the API server checks. Unknown formats say nothing about a value. */
import { cidrFamily, ipFamily } from '../meta/ip.ts'

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const uuid3 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const uuid4 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i
const uuid5 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const dateTime = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|[+-]\d{2}:?\d{2})$/
const goDuration = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*$/
const wordDuration =
  /^\d+\s*(?:ns|nano|nanos|us|micro|micros|ms|milli|millis|s|sec|secs|second|seconds|m|min|mins|minute|minutes|h|hr|hrs|hour|hours|d|day|days|w|wk|wks|week|weeks)$/
const hostLabel = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/i
/** Texts of these formats are short; a long one is none, and not worth a look. */
const shortText = 4096

const short =
  (check: (text: string) => boolean) =>
  (text: string): boolean =>
    text.length <= shortText && check(text)
const matching = (expression: RegExp): ((text: string) => boolean) => short((text) => expression.test(text))

const checks: Readonly<Record<string, (text: string) => boolean>> = {
  byte: (text) => text.length % 4 === 0 && base64.test(text),
  date: short(isDate),
  'date-time': short(isDateTime),
  datetime: short(isDateTime),
  duration: short((text) => goDuration.test(text) || wordDuration.test(text)),
  email: short(isEmail),
  hostname: short(
    (text) =>
      text.length <= 255 &&
      text
        .replace(/\.$/, '')
        .split('.')
        .every((label) => hostLabel.test(label)),
  ),
  ipv4: short((text) => ipFamily(text) === 4),
  ipv6: short((text) => ipFamily(text) === 6),
  cidr: short((text) => cidrFamily(text) !== undefined),
  mac: matching(
    /^(?:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|[0-9a-f]{2}(?:[:-][0-9a-f]{2}){7}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2,3})$/i,
  ),
  uri: short((text) => URL.canParse(text) || /^\/\S*$/.test(text)),
  uuid: matching(uuid),
  uuid3: matching(uuid3),
  uuid4: matching(uuid4),
  uuid5: matching(uuid5),
  bsonobjectid: matching(/^[0-9a-f]{24}$/i),
  hexcolor: matching(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i),
  rgbcolor: short(isRgbColor),
  creditcard: short(isCardNumber),
  ssn: matching(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  isbn: short((text) => isIsbn10(text) || isIsbn13(text)),
  isbn10: short(isIsbn10),
  isbn13: short(isIsbn13),
  'k8s-short-name': matching(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/),
  'k8s-long-name': short(
    (text) =>
      text.length <= 253 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/.test(text),
  ),
}

/** Whether a text has the format; an unknown format has no rule. */
export function hasFormat(text: string, format: string): boolean {
  return (Object.hasOwn(checks, format) ? checks[format] : undefined)?.(text) ?? true
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

function isEmail(text: string): boolean {
  const address = /<([^<>]+)>$/.exec(text)?.[1] ?? text
  return /^[^\s@<>()[\],;:\\"]+@[^\s@<>()[\],;:\\"]+$/.test(address)
}

function isRgbColor(text: string): boolean {
  const found = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text)
  return found !== null && found.slice(1).every((part) => Number(part) <= 255)
}

/** Luhn's sum. */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/[- ]/g, '')
  if (!/^\d{13,19}$/.test(digits)) return false
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

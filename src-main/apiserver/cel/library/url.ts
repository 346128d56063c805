/** URLs: absolute ones, or absolute paths. */
import { EvaluationError } from '../errors.ts'
import { LiteralMap } from '../values/maps.ts'
import { OpaqueValue, type Value } from '../values/value.ts'
import { global, member, scan, type Overload } from './overload.ts'

interface Parts {
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string
}

class UrlValue extends OpaqueValue {
  readonly typeName = 'kubernetes.URL'
  readonly parts: Parts

  constructor(parts: Parts) {
    super()
    this.parts = parts
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof UrlValue && JSON.stringify(other.parts) === JSON.stringify(this.parts)
  }
}

const shape = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s
const badEscape = /%(?![0-9a-fA-F]{2})/

/** Undefined: the text is neither an absolute URL nor an absolute path. */
function parseUrl(text: string): UrlValue | undefined {
  if (/[\x00-\x1f\x7f]/.test(text)) return undefined
  const [, scheme = '', authority, path = '', query = ''] = shape.exec(text) ?? []
  if (scheme === '' ? !text.startsWith('/') : authority === undefined && !path.startsWith('/')) return undefined
  const host = (authority ?? '').slice((authority ?? '').lastIndexOf('@') + 1)
  if (!isHost(host) || badEscape.test(path)) return undefined
  return new UrlValue({ scheme: scheme.toLowerCase(), host, path: escapedPath(path), query })
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return /^\[[^\]\s]*\](?::\d*)?$/.test(host)
  return /^[^\s:<>"[\]\\^`{|}]*(?::\d*)?$/.test(host) && !badEscape.test(host)
}

/** What a path may hold stays as it is. */
const escapedPath = (path: string): string =>
  path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/gu, (character) => encodeURIComponent(character.toWellFormed()))

function hostnameOf(host: string): string {
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'))
  const colon = host.lastIndexOf(':')
  return colon < 0 ? host : host.slice(0, colon)
}

const portOf = (host: string): string => /:(\d*)$/.exec(host.slice(host.lastIndexOf(']') + 1))?.[1] ?? ''

function queryOf(query: string): LiteralMap {
  const values = new Map<string, { key: string; value: Value[] }>()
  for (const [key, value] of new URLSearchParams(query)) {
    const known = values.get(`s${key}`)
    if (known === undefined) values.set(`s${key}`, { key, value: [value] })
    else known.value.push(value)
  }
  return new LiteralMap(values)
}

const type = 'kubernetes.URL'

export const urlLibrary: readonly Overload[] = [
  global(
    'url',
    ['string'],
    type,
    (text: string) => {
      const url = parseUrl(text)
      if (url === undefined)
        throw new EvaluationError(`URL parse error during conversion from string: invalid URL ${JSON.stringify(text)}`)
      return url
    },
    { cost: scan },
  ),
  global('isURL', ['string'], 'bool', (text: string) => parseUrl(text) !== undefined, { cost: scan }),
  member(type, 'getScheme', [], 'string', ({ parts }: UrlValue) => parts.scheme),
  member(type, 'getHost', [], 'string', ({ parts }: UrlValue) => parts.host),
  member(type, 'getHostname', [], 'string', ({ parts }: UrlValue) => hostnameOf(parts.host)),
  member(type, 'getPort', [], 'string', ({ parts }: UrlValue) => portOf(parts.host)),
  member(type, 'getEscapedPath', [], 'string', ({ parts }: UrlValue) => parts.path),
  member(type, 'getQuery', [], 'map<string, list<string>>', ({ parts }: UrlValue) => queryOf(parts.query)),
]

/** The values of a header that may come several times, each as it was sent: a value may have commas of its own. */
import type { ServerRequest } from './request.ts'

type Headers = Pick<ServerRequest, 'headers' | 'rawHeaders'>

/** `name` in lower case. From inside this process the values are joined by commas. */
export function headerValues({ headers, rawHeaders }: Headers, name: string): string[] {
  if (headers[name] === undefined) return []
  if (rawHeaders === undefined) return (headers[name] ?? '').split(',').flatMap((one) => one.trim() || [])
  const values: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.toLowerCase() === name && (rawHeaders[at + 1] ?? '') !== '')
      values.push(rawHeaders[at + 1] ?? '')
  return values
}

/** The headers of a prefix and what follows it, decoded: characters that a header's name cannot have are escaped. */
export function prefixedHeaders(request: Headers, prefix: string): [key: string, values: string[]][] {
  return Object.keys(request.headers)
    .filter((name) => name.startsWith(prefix))
    .map((name) => [decodeURIComponent(name.slice(prefix.length)).toLowerCase(), headerValues(request, name)])
}

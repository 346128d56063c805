/** Who gets past the loopback server's door: what is asked of every request before anything answers it. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { StatusError, unauthorized } from '../api/errors.ts'
import type { BrowserSession } from './browser-session.ts'
import { encodeFailure } from './encode-failure.ts'
import type { EncodedResponse } from './encoded-response.ts'
import { textResponse } from './ui-files.ts'

const apiRoots = new Set(['api', 'apis', 'openapi', 'version', 'healthz', 'livez', 'readyz', 'metrics'])

export const isApiPath = (path: string): boolean => apiRoots.has(path.split('/')[1] ?? '')

/** On every answer: the page may load and talk to nothing but this server, and nobody may frame it. */
export const securityHeaders = (port: number): Record<string, string> => ({
  'content-security-policy': [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self' ws://127.0.0.1:${port} ws://localhost:${port}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
})

export const isNavigation = ({ accept = '' }: IncomingHttpHeaders): boolean => accept.includes('text/html')

/** A base only completes the URL; the host has been checked by its header. */
export const urlOf = (request: IncomingMessage): URL => {
  const url = request.url ?? '/'
  return new URL(url.startsWith('/') ? `http://loopback${url.replace(/^\/+/, '/')}` : 'http://loopback/')
}

/** The answer to a request that goes no further: a sign-in, or a refusal. */
export function refusalOf(
  request: IncomingMessage,
  session: BrowserSession,
  way: 'request' | 'upgrade',
): EncodedResponse | undefined {
  const { headers, method = 'GET' } = request
  if (!session.isHost(headers)) return textResponse(421, 'this server answers only under its own address\n')
  const { pathname, searchParams } = urlOf(request)
  const token = searchParams.get('token')
  if (way === 'request' && method === 'GET' && pathname === '/' && token !== null && session.isToken(token)) {
    const entry = textResponse(303, '')
    return { ...entry, headers: { ...entry.headers, location: '/', 'set-cookie': session.setCookie } }
  }
  const isRead = method === 'GET' || method === 'HEAD'
  if ((way === 'upgrade' || !isRead) && !session.isOrigin(headers))
    return encodeFailure(new StatusError(403, 'Forbidden', 'the request comes from a page of another origin'))
  if (session.hasCookie(headers)) return undefined
  return isApiPath(pathname) || way === 'upgrade' || !isNavigation(headers)
    ? encodeFailure(unauthorized())
    : textResponse(401, signInPage, 'text/html; charset=utf-8')
}

const signInPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Orrery</title>
<body style="font: 16px system-ui; max-width: 36em; margin: 20vh auto; padding: 0 1em">
<h1>This browser is not signed in</h1>
<p>Open the address that Orrery printed when it started: the one that ends in <code>/?token=…</code>.</p>
</body>
</html>
`

/**
 * Who may use the loopback server: a browser that has opened the printed address once, and that shows a page of this
 * server and of no other. Any program and any web page of the same user can reach a loopback port; these checks keep
 * both out.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface BrowserSession {
  /** Constant time. */
  isToken(token: string): boolean
  /** The `Set-Cookie` header for a browser that has shown the token. */
  readonly setCookie: string
  hasCookie(headers: IncomingHttpHeaders): boolean
  /** The `Host` header names this server: a foreign name that resolves to loopback (DNS rebinding) does not. */
  isHost(headers: IncomingHttpHeaders): boolean
  /** A write or an upgrade comes from a page of this server, or from no browser at all. */
  isOrigin(headers: IncomingHttpHeaders): boolean
}

/** The token stays valid as long as the session, which is as long as the process; neither is ever logged. */
export function createBrowserSession(token: string, port: () => number): BrowserSession {
  const secret = randomBytes(32).toString('base64url')
  // Cookies know no ports: another lab on this machine must not overwrite this one's.
  const cookieName = (): string => `orrery-${port()}`
  const hosts = (): string[] => ['127.0.0.1', 'localhost'].map((host) => `${host}:${port()}`)
  return {
    isToken: (given) => equal(given, token),
    get setCookie() {
      return `${cookieName()}=${secret}; Path=/; HttpOnly; SameSite=Strict`
    },
    hasCookie: ({ cookie = '' }) =>
      cookie.split(';').some((part) => {
        const [name = '', value = ''] = part.trim().split('=', 2)
        return name === cookieName() && equal(value, secret)
      }),
    isHost: ({ host = '' }) => hosts().includes(host.toLowerCase()),
    isOrigin(headers) {
      const { origin } = headers
      // Browsers send one of these headers with every write and every upgrade.
      if (origin === undefined) return headers['sec-fetch-site'] === undefined && headers.upgrade === undefined
      return hosts().some((host) => origin === `http://${host}`)
    },
  }
}

/** Digests first: comparing in constant time wants equal lengths. */
function equal(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}

/** Calls the webhooks that configurations and custom resource definitions name. */
import { request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { WebhookClientConfig } from '../../api/types/admissionregistration-v1.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { Dialer } from '../outbound/dialer.ts'
import { DialingAgent } from '../outbound/dialing-agent.ts'
import { networkWords } from '../outbound/tls-words.ts'

export type WebhookErrorCode =
  /** The configuration names no server that can be called. */
  | 'BadConfig'
  /** No connection, a certificate that is not trusted, or one that broke before the answer. */
  | 'Unreachable'
  | 'Timeout'
  /** Another status than 200. */
  | 'BadStatus'
  /** No JSON, or more than anyone should send. */
  | 'BadAnswer'
  /** Whoever asked is gone. */
  | 'Aborted'

export class WebhookError extends Error {
  override readonly name = 'WebhookError'
  readonly code: WebhookErrorCode
  /** The HTTP status, of `BadStatus`. */
  readonly status: number | undefined

  constructor(code: WebhookErrorCode, message: string, more: { cause?: unknown; status?: number } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.status = more.status
  }
}

export interface WebhookClient extends Disposable {
  /** Posts JSON and gives back the JSON of the answer. Rejects with a WebhookError. */
  post(config: WebhookClientConfig, body: unknown, timeoutMs: number, signal?: AbortSignal): Promise<unknown>
}

export interface WebhookClientOptions {
  readonly dialer: Dialer
  readonly clock: Clock
}

/** Enough for a long list that is converted at once. */
const answerLimitBytes = 32 * 1024 * 1024

interface Target {
  readonly agent: DialingAgent
  readonly host: string
  readonly port: number
  readonly path: string
  readonly url: string
  readonly ca: string | undefined
}

export function createWebhookClient({ dialer, clock }: WebhookClientOptions): WebhookClient {
  // The names of services and of other hosts are two worlds: their connections are kept apart.
  const services = new DialingAgent((host, port) => {
    const [name = '', namespace = ''] = host.split('.')
    return dialer.dialService({ namespace, name }, port)
  })
  const hosts = new DialingAgent((host, port) => dialer.dialHost(host, port))
  return {
    async post(config, body, timeoutMs, signal) {
      const target = targetOf(config, services, hosts, timeoutMs)
      const bytes = Buffer.from(JSON.stringify(body))
      const limited = new AbortController()
      const timer = clock.after(timeoutMs, () => limited.abort())
      const ending = signal === undefined ? limited.signal : AbortSignal.any([limited.signal, signal])
      try {
        return await exchange(target, bytes, ending)
      } catch (error) {
        if (limited.signal.aborted)
          throw new WebhookError('Timeout', `Post ${JSON.stringify(target.url)}: context deadline exceeded`)
        if (signal?.aborted === true)
          throw new WebhookError('Aborted', `Post ${JSON.stringify(target.url)}: context canceled`)
        throw error
      } finally {
        void timer.dispose()
      }
    },
    dispose() {
      services.destroy()
      hosts.destroy()
    },
  }
}

/** Kubernetes tells the webhook how long it has, in its URL. */
function targetOf(
  { url, service, caBundle }: WebhookClientConfig,
  services: DialingAgent,
  hosts: DialingAgent,
  timeoutMs: number,
): Target {
  const ca = caBundle === undefined || caBundle === '' ? undefined : Buffer.from(caBundle, 'base64').toString()
  const timeout = `timeout=${Math.max(1, Math.ceil(timeoutMs / 1000))}s`
  if (service !== undefined) {
    const { namespace, name, port = 443, path: given = '/' } = service
    const host = `${name}.${namespace}.svc`
    const path = `${given.startsWith('/') ? given : `/${given}`}?${timeout}`
    return { agent: services, host, port, path, url: `https://${host}:${port}${path}`, ca }
  }
  const parsed = url === undefined ? null : URL.parse(url)
  if (parsed === null || parsed.protocol !== 'https:')
    throw new WebhookError('BadConfig', 'the client configuration names neither a service nor a valid https URL')
  const path = `${parsed.pathname}${parsed.search === '' ? '?' : `${parsed.search}&`}${timeout}`
  const host = parsed.hostname.replace(/^\[|\]$/g, '')
  const port = parsed.port === '' ? 443 : Number(parsed.port)
  return { agent: hosts, host, port, path, url: `${parsed.origin}${path}`, ca }
}

/** A kept connection may have been closed at this very moment: that is no failure of the webhook, and is tried anew. */
async function exchange(target: Target, bytes: Buffer, signal: AbortSignal): Promise<unknown> {
  try {
    return await send(target, bytes, signal)
  } catch (error) {
    if (!(error instanceof StaleConnectionError) || signal.aborted) throw error
    return send(target, bytes, signal)
  }
}

class StaleConnectionError extends Error {}

function send({ agent, host, port, path, url, ca }: Target, bytes: Buffer, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const failed = (error: unknown): void =>
      reject(new WebhookError('Unreachable', `Post ${JSON.stringify(url)}: ${networkWords(error)}`, { cause: error }))
    const message = httpsRequest({
      ...{ agent, host, port, path, signal, method: 'POST' },
      ...(ca === undefined ? {} : { ca }),
      servername: /^[\d.]+$|:/.test(host) ? '' : host,
      headers: {
        host: port === 443 ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`,
        accept: 'application/json, */*',
        'content-type': 'application/json',
        'content-length': bytes.length,
        'user-agent': 'kube-apiserver-admission',
      },
    })
    message.once('error', (error: NodeJS.ErrnoException) => {
      if (message.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE'))
        reject(new StaleConnectionError(error.message))
      else failed(error)
    })
    message.once('response', (response) => {
      readAnswer(response, url).then(resolve, (error: unknown) => {
        message.destroy()
        if (error instanceof WebhookError) reject(error)
        else failed(error)
      })
    })
    message.end(bytes)
  })
}

async function readAnswer(response: IncomingMessage, url: string): Promise<unknown> {
  const tooLong = (): WebhookError =>
    new WebhookError('BadAnswer', `Post ${JSON.stringify(url)}: the answer is larger than ${answerLimitBytes} bytes`)
  if (Number(response.headers['content-length'] ?? 0) > answerLimitBytes) throw tooLong()
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > answerLimitBytes) throw tooLong()
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString()
  const status = response.statusCode ?? 0
  if (status < 200 || status > 299) throw badStatus(status, text)
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    const shown = JSON.stringify(text.slice(0, 100))
    throw new WebhookError('BadAnswer', `couldn't decode the answer as JSON: ${shown}`, { cause: error })
  }
}

function badStatus(status: number, text: string): WebhookError {
  const said = statusMessage(text)
  const message = said ?? `the server responded with the status code ${status} but did not return more information`
  return new WebhookError('BadStatus', message, { status })
}

/** What a Status in the body says; anything else is for nobody to read. */
function statusMessage(text: string): string | undefined {
  try {
    const { kind, message } = JSON.parse(text) as { kind?: unknown; message?: unknown }
    return kind === 'Status' && typeof message === 'string' ? message : undefined
  } catch {
    return undefined
  }
}

/** Whether an aggregated server can be used now, and what it serves. */
import { isReason } from '../../api/errors.ts'
import type { APIService } from '../../api/types/apiregistration-v1.ts'
import type { APIResourceList } from '../../api/types/meta-v1.ts'
import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/log.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import { readyEndpoints, storedService } from '../outbound/service-endpoint.ts'
import type { Answer, ServerRequest, UserInfo } from '../request.ts'
import type { RemoteServers } from './remote-server.ts'

export interface Availability {
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
  /** What it said that it serves; absent: nothing that can be read. */
  readonly resources?: APIResourceList
  /** The address of its OpenAPI document, as its own index names it. */
  readonly openApi?: string
}

export interface CheckParts {
  readonly cache: WatchCache
  readonly clock: Clock
  readonly servers: RemoteServers
}

const self: UserInfo = { name: 'system:kube-aggregator', groups: ['system:masters', 'system:authenticated'] }
const checkLimitMs = 5000
const documentLimitBytes = 4 * 1024 * 1024

const no = (reason: string, message: string): Availability => ({ status: 'False', reason, message })
export const local: Availability = {
  ...{ status: 'True', reason: 'Local' },
  message: 'Local APIServices are always available',
}

export async function checkService(parts: CheckParts, service: APIService): Promise<Availability> {
  const { group = '', version = '', service: reference } = service.spec ?? {}
  if (reference === undefined) return local
  const missing = missingBackend(parts.cache, reference)
  if (missing !== undefined) return missing
  const name = `apis/${group}/${version}`
  try {
    const resources = (await read(parts, service, `/${name}`)) as APIResourceList
    // Servers without OpenAPI v3 are as good as others.
    const index = (await read(parts, service, '/openapi/v3').catch(() => undefined)) as
      { paths?: Record<string, { serverRelativeURL?: string }> } | undefined
    const openApi = index?.paths?.[name]?.serverRelativeURL
    return {
      ...{ status: 'True', reason: 'Passed', message: 'all checks passed', resources },
      ...(openApi === undefined ? {} : { openApi }),
    }
  } catch (error) {
    const url = `https://${reference.name ?? ''}.${reference.namespace ?? ''}.svc:${reference.port ?? 443}/${name}`
    return no('FailedDiscoveryCheck', `failing or missing response from ${url}: ${describeError(error)}`)
  }
}

function missingBackend(
  cache: WatchCache,
  { namespace = '', name = '', port = 443 }: NonNullable<NonNullable<APIService['spec']>['service']>,
): Availability | undefined {
  const shown = `service/${name} in ${JSON.stringify(namespace)}`
  try {
    const { spec } = storedService(cache, { namespace, name })
    if (spec?.type === 'ExternalName') return undefined
    const found = spec?.ports?.find((one) => one.port === port)
    if (found === undefined) return no('ServicePortError', `${shown} is not listening on port ${port}`)
    return readyEndpoints(cache, { namespace, name }, found.name ?? '').length > 0
      ? undefined
      : no(
          'MissingEndpoints',
          `endpoints for ${shown} have no addresses with port name ${JSON.stringify(found.name ?? '')}`,
        )
  } catch (error) {
    if (isReason(error, 'NotFound')) return no('ServiceNotFound', `${shown} is not present`)
    throw error
  }
}

async function read({ servers, clock }: CheckParts, service: APIService, path: string): Promise<unknown> {
  const limited = new AbortController()
  const timer = clock.after(checkLimitMs, () => limited.abort())
  const request: ServerRequest = {
    ...{ method: 'GET', path, query: new URLSearchParams(), headers: { accept: 'application/json' } },
    ...{ body: { type: 'none' }, peer: self, signal: limited.signal },
  }
  try {
    return JSON.parse(await textOf(await servers.ask(service, request, self))) as unknown
  } finally {
    void timer.dispose()
  }
}

async function textOf(answer: Answer): Promise<string> {
  if (answer.type !== 'relay') throw new Error('the server answers with an upgrade')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer.stream as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > documentLimitBytes) throw new Error(`the document has more than ${documentLimitBytes} bytes`)
    chunks.push(chunk)
  }
  if (answer.code !== 200) throw new Error(`bad status from the server: ${answer.code}`)
  return Buffer.concat(chunks).toString()
}

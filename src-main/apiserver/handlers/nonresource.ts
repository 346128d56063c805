/** Paths that are no resources: discovery, OpenAPI, version, health, metrics. */
import type { Kind } from '../../api/define-kind.ts'
import { methodNotAllowed } from '../../api/errors.ts'
import { openApiV3 } from '../../api/schema/openapi.ts'
import { plainFormat } from '../accept.ts'
import type { Aggregator } from '../aggregation/aggregator.ts'
import type { RemoteVersion } from '../aggregation/remote-resources.ts'
import { createDiscovery } from '../discovery.ts'
import type { KindRegistry } from '../kind-registry.ts'
import type { MetricRegistry } from '../metrics.ts'
import { createOpenApiDocuments, type OpenApiBuilder } from '../openapi-documents.ts'
import type { Answer, ServerRequest } from '../request.ts'
import { healthAnswer, type HealthCheck } from './health.ts'
import type { PublicTokenKey } from '../tokens/signed-tokens.ts'
import { issuerAnswer, issuerPaths } from './issuer-discovery.ts'
import { openApiAnswer } from './openapi.ts'

export interface NonResourceOptions {
  readonly kinds: KindRegistry
  /** Whether requests for resources can be served now. */
  readonly ready: () => boolean
  /** Why the store cannot be used now; undefined when it can. It goes by the name of Kubernetes' store. */
  readonly storeFault?: () => string | undefined
  /** More that `/healthz`, `/livez` and `/readyz` look at. */
  readonly checks?: readonly HealthCheck[]
  readonly metrics?: MetricRegistry
  /** What other servers serve. */
  readonly aggregator?: Pick<Aggregator, 'remoteVersions' | 'openApi'>
  /** What tokens of service accounts can be checked with; absent: there are no such tokens. */
  readonly tokenKeys?: readonly PublicTokenKey[]
  /** What is below `/debug`; absent: nothing. */
  readonly debug?: (request: ServerRequest) => Answer | undefined
  /** Absent: from the schema data. */
  readonly openApi?: OpenApiBuilder
  /** Lets everybody else have a turn while long documents are made; absent: nobody waits. */
  readonly nextTurn?: () => Promise<void>
  /** Absent: this program runs from its source. */
  readonly build?: BuildInfo
}

const noVersions: readonly RemoteVersion[] = []

export type NonResourceHandler = (request: ServerRequest) => Promise<Answer> | Answer | undefined

/** Answers what it knows; undefined for every other path. Throws `MethodNotAllowed` for writes to what it knows. */
export function createNonResourceHandler(options: NonResourceOptions): NonResourceHandler {
  const kinds = (): readonly Kind[] => options.kinds.all()
  const discovery = createDiscovery(kinds, () => options.aggregator?.remoteVersions() ?? noVersions)
  const openApi = createOpenApiDocuments(
    kinds,
    options.openApi ?? openApiV3,
    () => options.aggregator?.openApi() ?? new Map<string, string>(),
    options.nextTurn ?? (() => Promise.resolve()),
  )
  const version = versionInfo(options.build)
  options.metrics?.readings('kubernetes_build_info', 'The version that this server speaks.', 'gauge', () => [
    [buildLabels(version), 1],
  ])
  const checks: readonly HealthCheck[] = [
    { name: 'ping', fault: () => undefined },
    ...(options.storeFault === undefined ? [] : [{ name: 'etcd', fault: options.storeFault }]),
    {
      name: 'informer-sync',
      readiness: true,
      fault: () => (options.ready() ? undefined : 'caches are not filled yet'),
    },
    ...(options.checks ?? []),
  ]

  const answerTo = (request: ServerRequest): Promise<Answer> | Answer | undefined => {
    const [root = '', ...rest] = request.path.split('/').filter((segment) => segment !== '')
    switch (root) {
      case '':
        return indented({
          paths: rootPaths(kinds(), [...(options.tokenKeys === undefined ? [] : issuerPaths), ...checkPaths(checks)]),
        })
      case 'api':
      case 'apis':
        return discoveryAnswer(request)
      case 'openapi':
        return openApiAnswer(request, rest, openApi)
      case '.well-known':
      case 'openid':
        return issuerAnswer(request.path, options.tokenKeys)
      case 'version':
        return rest.length === 0 ? indented(version) : undefined
      case 'healthz':
      case 'livez':
      case 'readyz':
        return healthAnswer(root, rest, request.query, checks)
      case 'metrics':
        return rest.length > 0 || options.metrics === undefined
          ? undefined
          : {
              type: 'bytes',
              code: 200,
              contentType: 'text/plain; version=0.0.4',
              bytes: Buffer.from(options.metrics.text()),
            }
      case 'debug':
        return options.debug?.(request)
      default:
        return undefined
    }
  }
  const discoveryAnswer = (request: ServerRequest): Answer | undefined => {
    const { accept, host = request.headers[':authority'] } = request.headers
    const document = discovery.document(request.path, accept, host)
    if (document === undefined) return undefined
    const { bytes, contentType, etag, object } = document
    const format = object === undefined ? 'json' : plainFormat(accept, true)
    if (object !== undefined && format === 'yaml') return { type: 'plain', code: 200, object }
    // The list of core versions names no version of its own in JSON; protobuf wraps it with one.
    if (object !== undefined && format === 'protobuf')
      return { type: 'plain', code: 200, object: { apiVersion: 'v1', ...object } }
    const headers = { etag, vary: 'Accept', 'cache-control': 'public' }
    return request.headers['if-none-match'] === etag
      ? { type: 'bytes', code: 304, contentType, bytes: new Uint8Array(), headers }
      : { type: 'bytes', code: 200, contentType, bytes, headers }
  }
  return (request) => {
    const answer = answerTo(request)
    if (answer !== undefined && request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed()
    return answer
  }
}

const indented = (content: object): Answer => ({
  type: 'bytes',
  code: 200,
  contentType: 'application/json',
  bytes: Buffer.from(JSON.stringify(content, undefined, 2)),
})

/** What was built, and when. */
export interface BuildInfo {
  /** Of this program's own source; empty where it has no history. */
  readonly commit: string
  /** RFC 3339. */
  readonly date: string
}

const fromSource: BuildInfo = { commit: '', date: '1970-01-01T00:00:00Z' }

/** The version of Kubernetes whose API this is; `platform` and `gitTreeState` tell that it is not its code. */
export function versionInfo({ commit, date }: BuildInfo = fromSource): Readonly<Record<string, string>> {
  return {
    major: '1',
    minor: '36',
    emulationMajor: '1',
    emulationMinor: '36',
    minCompatibilityMajor: '1',
    minCompatibilityMinor: '35',
    gitVersion: 'v1.36.0',
    gitCommit: commit,
    gitTreeState: 'orrery',
    buildDate: date,
    goVersion: 'none',
    compiler: `node ${process.version}`,
    platform: `orrery/${process.platform}-${process.arch}`,
  }
}

/** As the metric of Kubernetes names them. */
function buildLabels(version: Readonly<Record<string, string>>): Record<string, string> {
  const names = ['buildDate', 'compiler', 'gitCommit', 'gitTreeState', 'gitVersion', 'goVersion', 'major', 'minor']
  return Object.fromEntries(
    [...names, 'platform'].map((name) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      version[name] ?? '',
    ]),
  )
}

/** `/livez/ping` and the like. */
function checkPaths(checks: readonly HealthCheck[]): string[] {
  return checks.flatMap(({ name, readiness }) =>
    [...(readiness === true ? [] : ['healthz', 'livez']), 'readyz'].map((endpoint) => `/${endpoint}/${name}`),
  )
}

function rootPaths(kinds: readonly Kind[], more: readonly string[]): string[] {
  const groups = kinds.flatMap(({ group, version }) =>
    group === '' ? ['/api', `/api/${version}`] : ['/apis', `/apis/${group}`, `/apis/${group}/${version}`],
  )
  const others = ['/healthz', '/livez', '/metrics', '/openapi/v2', '/openapi/v3', '/readyz', '/version']
  return [...new Set([...groups, ...others, ...more])].toSorted()
}

/**
 * API aggregation: groups that other servers serve behind services of the cluster appear as if they were this server's.
 * A loop keeps the Available condition of every APIService, and with it what discovery tells of its group.
 */
import { apiService as apiServiceKind } from '../../api/kinds/apiregistration/api-service.ts'
import { isReason, serviceUnavailable } from '../../api/errors.ts'
import { findCondition, withCondition } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.ts'
import type { APIService, APIServiceCondition } from '../../api/types/apiregistration-v1.ts'
import type { Client } from '../../client/client.ts'
import { timestamp } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError, type Log } from '../../lib/log.ts'
import type { ResourceCache } from '../cache/resource-cache.ts'
import type { Answer, ServerRequest, UserInfo } from '../request.ts'
import { checkService, type Availability, type CheckParts } from './check-service.ts'
import { customServices, managedLabel, serviceNameOf } from './local-services.ts'
import { remoteResources, type RemoteVersion } from './remote-resources.ts'

export interface AggregatorOptions extends CheckParts {
  readonly log: Log
}

/** How often servers that work are looked at, and those that do not. */
const healthyMs = 30_000
const brokenMs = 1000

export class Aggregator implements Disposable {
  private readonly options: AggregatorOptions
  private readonly services: ResourceCache
  private readonly definitions: ResourceCache
  private readonly watches: (() => void)[] = []
  private versions: readonly RemoteVersion[] = []
  private documents: ReadonlyMap<string, string> = new Map()
  private running: Promise<void> | undefined
  private again = false
  private timer: Disposable | undefined
  private stopped = false
  private client: Client | undefined

  constructor(options: AggregatorOptions) {
    this.options = options
    this.services = options.cache.resource('apiregistration.k8s.io/apiservices')
    this.definitions = options.cache.resource('apiextensions.k8s.io/customresourcedefinitions')
  }

  /** Follows the APIServices and what they depend on, until disposed; `client` acts as the server itself. */
  start(client: Client): void {
    this.client = client
    for (const resource of [this.services, this.definitions]) {
      const { watcher, events } = resource.watch({
        selection: {},
        bookmarks: false,
        after: this.options.cache.revision,
      })
      this.watches.push(() => resource.stop(watcher))
      void this.follow(events)
    }
    this.wake()
  }

  /** What other servers serve; the same list until something changes. */
  remoteVersions(): readonly RemoteVersion[] {
    return this.versions
  }

  /** Documents of other servers by their names in the index, with their addresses. */
  openApi(): ReadonlyMap<string, string> {
    return this.documents
  }

  /** Undefined: the request is this server's own. Rejects with ServiceUnavailable while the other one cannot be used. */
  answer(request: ServerRequest, user: UserInfo): Promise<Answer> | undefined {
    const found = /^\/+(?:openapi\/+v3\/+)?apis\/+([^/]+)\/+([^/]+)/.exec(request.path)
    const service =
      found === null ? undefined : this.services.get(serviceNameOf(found[1] ?? '', found[2] ?? ''))?.object
    const { spec, status } = (service ?? {}) as APIService
    if (service === undefined || spec?.service === undefined) return undefined
    if (findCondition(status?.conditions, 'Available')?.status !== 'True')
      return Promise.reject(serviceUnavailable('service unavailable'))
    return this.options.servers.ask(service as APIService, request, user)
  }

  async dispose(): Promise<void> {
    this.stopped = true
    for (const stop of this.watches) stop()
    await this.timer?.dispose()
    await this.options.servers.dispose()
  }

  private async follow(events: AsyncIterable<unknown>): Promise<void> {
    for await (const _event of events) this.wake()
  }

  /** One run at a time; what changes meanwhile makes another one. */
  private wake(): void {
    const { client } = this
    if (this.stopped || client === undefined) return
    this.again = true
    this.running ??= this.run(client).finally(() => {
      this.running = undefined
    })
  }

  private async run(client: Client): Promise<void> {
    const { log } = this.options
    while (this.again && !this.stopped) {
      this.again = false
      try {
        await this.keepCustomServices(client)
        await this.checkAll(client)
      } catch (error) {
        if (this.stopped) return
        log.warn('API services could not be checked', { error: describeError(error) })
        this.scheduleAfter(brokenMs)
      }
    }
  }

  private scheduleAfter(delayMs: number): void {
    void this.timer?.dispose()
    this.timer = this.options.clock.after(delayMs, () => this.wake())
  }

  private async checkAll(client: Client): Promise<void> {
    const all = this.services.list({}).map(({ object }) => object as unknown as Live<APIService>)
    const due = all.filter(({ spec, status }) => spec?.service !== undefined || !isLocal(status))
    const results = await Promise.all(
      due.map(async (service) => ({ service, availability: await checkService(this.options, service) })),
    )
    if (this.stopped) return
    await Promise.all(results.map(({ service, availability }) => this.tell(client, service, availability)))
    const remote = results.filter(({ service }) => service.spec?.service !== undefined)
    this.remember(remote)
    if (remote.length === 0) return
    this.scheduleAfter(remote.every(({ availability }) => availability.status === 'True') ? healthyMs : brokenMs)
  }

  private remember(results: readonly { service: APIService; availability: Availability }[]): void {
    const versions = results.flatMap(({ service: { spec }, availability: { resources } }): RemoteVersion[] => {
      const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = spec ?? {}
      if (resources === undefined) return []
      const priorities = { groupPriority: groupPriorityMinimum, versionPriority }
      return [{ group, version, ...priorities, resources: remoteResources(group, version, resources) }]
    })
    if (JSON.stringify(versions) !== JSON.stringify(this.versions)) this.versions = versions
    this.documents = new Map(
      results.flatMap(({ service: { spec }, availability: { openApi } }): [string, string][] =>
        openApi === undefined ? [] : [[`apis/${spec?.group ?? ''}/${spec?.version ?? ''}`, openApi]],
      ),
    )
  }

  private async tell(
    client: Client,
    service: Live<APIService>,
    { status, reason, message }: Availability,
  ): Promise<void> {
    const next = { type: 'Available', status, reason, message }
    const now = timestamp(this.options.clock.now())
    const { conditions, changed } = withCondition<APIServiceCondition>(service.status?.conditions, next, now)
    if (!changed) return
    await ignoreOutdated(
      client.update(apiServiceKind, { ...service, status: { conditions } }, { subresource: 'status' }),
    )
  }

  /** Each group and version of custom resources has an APIService, and none stays when they are gone. */
  private async keepCustomServices(client: Client): Promise<void> {
    const definitions = this.definitions.list({}).map(({ object }) => object as unknown as CustomResourceDefinition)
    const wanted = customServices(definitions)
    const names = new Set(wanted.map(({ metadata }) => metadata?.name))
    const absent = wanted.filter(({ metadata }) => this.services.get(metadata?.name ?? '') === undefined)
    const left = this.services
      .list({})
      .filter(({ key, object }) => object.metadata?.labels?.[managedLabel] === 'true' && !names.has(key))
    await Promise.all([
      ...absent.map((service) => ignoreOutdated(client.create(apiServiceKind, service))),
      ...left.map(({ key }) => ignoreOutdated(client.delete(apiServiceKind, { name: key }))),
    ])
  }
}

const isLocal = (status: APIService['status']): boolean =>
  findCondition(status?.conditions, 'Available')?.reason === 'Local'

/** Somebody was quicker: the event of their write wakes the loop again. */
async function ignoreOutdated(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!isReason(error, 'NotFound', 'Conflict', 'AlreadyExists')) throw error
  }
}

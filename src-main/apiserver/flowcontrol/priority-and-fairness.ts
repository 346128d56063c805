/**
 * Priority and fairness (KEP-1040): no client and no component can take all of the server. A request that finds its
 * level idle costs a look at the flow schemas and a counter, and no turn of the event loop.
 */
import { tooManyRequests } from '../../api/errors.ts'
import type { FlowSchema, PriorityLevelConfiguration } from '../../api/types/flowcontrol-v1.ts'
import type { Clock } from '../../lib/clock.ts'
import type { RoleSource } from '../authorization/role-index.ts'
import type { RequestInfo } from '../filters/request-info.ts'
import type { Counter, MetricRegistry } from '../metrics.ts'
import type { UserInfo } from '../request.ts'
import { distinguisherOf, flowSchemaOf, inOrder } from './classify.ts'
import { defaultFlowSchemas, defaultPriorityLevels } from './default-objects.ts'
import { PriorityLevel, TooManyRequests, type Release } from './priority-level.ts'
import { flowHash } from './shuffle-shard.ts'

const group = 'flowcontrol.apiserver.k8s.io'
/** As many as Kubernetes lets run at once: 400 reads and 200 writes. */
const defaultSeats = 600
/** A quarter of what a request may take. */
const patienceMs = 15_000
const retryAfterSeconds = 1
const objectsPerSeat = 100
const mostSeats = 10
const catchAll = 'catch-all'

export interface FairnessOptions {
  readonly source: RoleSource
  readonly clock: Clock
  /** How many objects a list looks at. */
  readonly objectsOf: (info: RequestInfo) => number
  readonly metrics?: MetricRegistry
  readonly totalSeats?: number
}

export interface Turn {
  readonly release: Release
  readonly schemaUid: string
  readonly levelUid: string
}

export class PriorityAndFairness {
  private readonly schemas = new Map<string, FlowSchema>()
  private ordered: readonly FlowSchema[] | undefined
  /** Made once, not for each request. */
  private readonly labels = new Map<string, Readonly<Record<string, string>>>()
  private readonly levels = new Map<string, PriorityLevel>()
  private readonly options: FairnessOptions
  private readonly dispatched: Counter | undefined
  private readonly rejected: Counter | undefined

  constructor(options: FairnessOptions) {
    this.options = options
    for (const config of defaultPriorityLevels) this.configure(config)
    for (const schema of defaultFlowSchemas) this.schemas.set(schema.metadata?.name ?? '', schema)
    options.source.resource(`${group}/prioritylevelconfigurations`).follow((previous, next) => {
      if (next !== undefined) this.configure(next.object as unknown as PriorityLevelConfiguration)
      else if (previous !== undefined) this.forgetLevel(previous.object.metadata?.name ?? '')
    })
    options.source.resource(`${group}/flowschemas`).follow((previous, next) => {
      const name = (next ?? previous)?.object.metadata?.name ?? ''
      if (next === undefined) this.schemas.delete(name)
      else this.schemas.set(name, next.object as unknown as FlowSchema)
      this.ordered = undefined
      this.labels.clear()
    })
    this.dispatched = options.metrics?.counter(
      'apiserver_flowcontrol_dispatched_requests_total',
      'Requests that got seats.',
    )
    this.rejected = options.metrics?.counter('apiserver_flowcontrol_rejected_requests_total', 'Requests that got none.')
    this.addGauges(options.metrics)
  }

  /** Seats for the request, at once when there are some. Throws or rejects with 429. */
  take(user: UserInfo, info: RequestInfo, signal: AbortSignal): Turn | Promise<Turn> {
    this.ordered ??= inOrder([...this.schemas.values()])
    const schema = flowSchemaOf(this.ordered, user, info)
    const level =
      this.levels.get(schema?.spec?.priorityLevelConfiguration.name ?? catchAll) ?? this.levels.get(catchAll)
    const schemaName = schema?.metadata?.name ?? catchAll
    const uids = { schemaUid: schema?.metadata?.uid ?? '', levelUid: level?.uid ?? '' }
    if (level === undefined) return { release: () => undefined, ...uids }
    const labels = this.labelsOf(level.name, schemaName)
    const granted = (release: Release): Turn => {
      this.dispatched?.add(1, labels)
      return { release, ...uids }
    }
    const refuse = (error: unknown): never => {
      if (!(error instanceof TooManyRequests)) throw error
      this.rejected?.add(1, { ...labels, reason: error.code })
      throw new FairnessRefusal(uids)
    }
    try {
      const flow = schema === undefined ? '' : distinguisherOf(schema, user, info)
      const about = { flowSchema: schemaName, distinguisher: flow, user: user.name, info }
      const taken = level.take(this.seatsOf(info), flowHash(`${schemaName} ${flow}`), signal, about)
      return taken instanceof Promise ? taken.then(granted, refuse) : granted(taken)
    } catch (error) {
      return refuse(error)
    }
  }

  /** A list of many objects takes more of the server than anything else. */
  private seatsOf(info: RequestInfo): number {
    if (info.type === 'path' || (info.verb !== 'list' && info.verb !== 'watch')) return 1
    return Math.max(1, Math.min(mostSeats, Math.ceil(this.options.objectsOf(info) / objectsPerSeat)))
  }

  private labelsOf(level: string, schema: string): Readonly<Record<string, string>> {
    const key = `${level} ${schema}`
    const known = this.labels.get(key)
    if (known !== undefined) return known
    const made = { priority_level: level, flow_schema: schema }
    this.labels.set(key, made)
    return made
  }

  private configure(config: PriorityLevelConfiguration): void {
    const name = config.metadata?.name ?? ''
    const known = this.levels.get(name)
    if (known !== undefined) known.configure(config)
    else {
      const { clock } = this.options
      this.levels.set(
        name,
        new PriorityLevel(config, { clock, patienceMs, borrowable: (level) => this.borrowable(level) }),
      )
    }
    this.shareSeats()
  }

  /** What must be is kept as it should be, whatever is stored. */
  private forgetLevel(name: string): void {
    const mandatory = defaultPriorityLevels.find(({ metadata }) => metadata?.name === name)
    if (name === catchAll || name === 'exempt') this.levels.get(name)?.configure(mandatory ?? {})
    else this.levels.delete(name)
    this.shareSeats()
  }

  private shareSeats(): void {
    const all = [...this.levels.values()]
    const shares = all.reduce((sum, level) => sum + level.shares, 0)
    for (const level of all) {
      level.nominalSeats = Math.ceil(((this.options.totalSeats ?? defaultSeats) * level.shares) / Math.max(1, shares))
      level.dispatch()
    }
  }

  private borrowable(borrower: PriorityLevel): number {
    let seats = 0
    // What others have borrowed already is not there to be lent once more.
    for (const level of this.levels.values()) if (level !== borrower) seats += level.lendableNow - level.borrowedNow
    return Math.max(0, seats)
  }

  /** In the order of their names. */
  get allLevels(): readonly PriorityLevel[] {
    return [...this.levels.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1))
  }

  private addGauges(metrics: MetricRegistry | undefined): void {
    const gauge = (name: string, help: string, read: (level: PriorityLevel) => number): void =>
      metrics?.readings(`apiserver_flowcontrol_${name}`, help, 'gauge', () =>
        this.allLevels.map((level) => [{ priority_level: level.name }, read(level)]),
      )
    gauge('current_executing_requests', 'Requests that have seats now.', ({ executing }) => executing)
    gauge('current_executing_seats', 'Seats that are taken now.', ({ seatsInUse }) => seatsInUse)
    gauge('current_inqueue_requests', 'Requests that wait for a seat now.', ({ waitingCount }) => waitingCount)
    gauge('nominal_limit_seats', 'Seats that a level has of its own.', ({ nominalSeats }) => nominalSeats)
  }
}

/** Says, beside the refusal, whose limits they were. */
export class FairnessRefusal extends Error {
  readonly uids: Omit<Turn, 'release'>
  readonly status = tooManyRequests('too many requests, please try again later', retryAfterSeconds)

  constructor(uids: Omit<Turn, 'release'>) {
    super('too many requests')
    this.uids = uids
  }
}

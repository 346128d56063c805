/** Counters of the API server in the text format of Prometheus. */
import { requestInfo, type RequestInfo } from './filters/request-info.ts'
import type { ServerRequest } from './request.ts'

type Labels = Readonly<Record<string, string>>
type MetricType = 'counter' | 'gauge' | 'histogram'

interface Metric {
  readonly name: string
  readonly help: string
  readonly type: MetricType
  /** Lines without the metric's own header. */
  lines(): readonly string[]
}

export interface Counter {
  add(amount: number, labels?: Labels): void
}

export interface Histogram {
  observe(value: number, labels?: Labels): void
}

/** Holds metrics by name and prints them. */
export class MetricRegistry {
  private readonly metrics: Metric[] = []

  counter(name: string, help: string): Counter {
    return this.sums(name, help, 'counter')
  }

  /** A value that goes up and down by `add`. */
  upDown(name: string, help: string): Counter {
    return this.sums(name, help, 'gauge')
  }

  /** A value that is read when somebody looks. */
  gauge(name: string, help: string, read: () => number): void {
    this.metrics.push({ name, help, type: 'gauge', lines: () => [`${name} ${read()}`] })
  }

  /** Values by label that are read when somebody looks. */
  readings(
    name: string,
    help: string,
    type: 'counter' | 'gauge',
    read: () => readonly (readonly [labels: Labels, value: number])[],
  ): void {
    this.metrics.push({
      ...{ name, help, type },
      lines: () => read().map(([labels, value]) => `${name}${labelText(labels)} ${value}`),
    })
  }

  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const series = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>()
    const lines = (): string[] =>
      [...series.values()].flatMap(({ labels, counts, sum, count }) => [
        ...bounds.map(
          (bound, index) => `${name}_bucket${labelText({ ...labels, le: String(bound) })} ${counts[index]}`,
        ),
        `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`,
        `${name}_sum${labelText(labels)} ${sum}`,
        `${name}_count${labelText(labels)} ${count}`,
      ])
    this.metrics.push({ name, help, type: 'histogram', lines })
    return {
      observe(value, labels = {}) {
        const key = labelText(labels)
        const one = series.get(key) ?? { labels, counts: bounds.map(() => 0), sum: 0, count: 0 }
        series.set(key, one)
        one.sum += value
        one.count++
        for (const [index, bound] of bounds.entries())
          if (value <= bound) one.counts[index] = (one.counts[index] ?? 0) + 1
      },
    }
  }

  text(): string {
    return this.metrics
      .flatMap(({ name, help, type, lines }) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines(), ''])
      .join('\n')
  }

  private sums(name: string, help: string, type: MetricType): Counter {
    const values = new Map<string, number>()
    this.metrics.push({
      name,
      help,
      type,
      lines: () => [...values].map(([labels, value]) => `${name}${labels} ${value}`),
    })
    return {
      add(amount, labels = {}) {
        const key = labelText(labels)
        values.set(key, (values.get(key) ?? 0) + amount)
      },
    }
  }
}

/** What the frontends count of every request. */
export interface RequestMetrics {
  answered(request: ServerRequest, code: number, durationMs: number): void
  /** A watch, a followed log or the like begins (+1) or ends (−1). */
  longRunning(request: ServerRequest, change: 1 | -1): void
}

/** Some of Kubernetes' own, for each kind of request has all of them. */
const durationBoundsSeconds = [0.005, 0.025, 0.05, 0.1, 0.4, 1, 5, 15, 30, 60]

/** Kubernetes' own names, so that its dashboards fit. */
export function createRequestMetrics(registry: MetricRegistry): RequestMetrics {
  const total = registry.counter('apiserver_request_total', 'Requests by verb, resource and answer.')
  const duration = registry.histogram(
    'apiserver_request_duration_seconds',
    'Time until the answer was known.',
    durationBoundsSeconds,
  )
  const running = registry.upDown('apiserver_longrunning_requests', 'Watches and streams that are open now.')
  const known = createLabelCache()
  return {
    answered(request, code, durationMs) {
      const { labels, withCode } = known(request)
      total.add(1, withCode(code))
      duration.observe(durationMs / 1000, labels)
    },
    longRunning: (request, change) => running.add(change, known(request).labels),
  }
}

interface KnownLabels {
  readonly labels: Labels
  readonly withCode: (code: number) => Labels
}

/** A client can ask for any path it likes: beyond this many kinds of request, new ones are counted together. */
const kindsOfRequestLimit = 2000

/** The labels of requests, made once for each kind of request and not for each request. */
function createLabelCache(): (request: ServerRequest) => KnownLabels {
  const byText = new Map<string, KnownLabels>()
  return (request) => {
    const exact = labelsOf(request)
    const exactText = Object.values(exact).join('/')
    const isKnown = byText.has(exactText) || byText.size < kindsOfRequestLimit
    const [labels, text] = isKnown ? [exact, exactText] : [{ verb: 'OTHER' }, 'OTHER']
    const found = byText.get(text)
    if (found !== undefined) return found
    const byCode = new Map<number, Labels>()
    const made: KnownLabels = {
      labels,
      withCode(code) {
        const before = byCode.get(code)
        if (before !== undefined) return before
        const coded = { ...labels, code: String(code) }
        byCode.set(code, coded)
        return coded
      },
    }
    byText.set(text, made)
    return made
  }
}

export function addProcessMetrics(registry: MetricRegistry): void {
  registry.gauge('process_resident_memory_bytes', 'Memory of the process that is in RAM.', () =>
    process.memoryUsage.rss(),
  )
  registry.gauge('process_cpu_seconds_total', 'CPU time that the process has used.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000_000
  })
  registry.gauge(
    'nodejs_heap_size_used_bytes',
    'Memory of live JavaScript objects.',
    () => process.memoryUsage().heapUsed,
  )
}

/** Dashboards know these two by their methods. */
const verbs: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' }

function scopeOf({ target, verb }: Extract<RequestInfo, { type: 'resource' }>): string {
  if (target.name !== '' || verb === 'create') return 'resource'
  return target.namespace === '' ? 'cluster' : 'namespace'
}

/** Names of objects and users are never labels: their number has no bound. */
function labelsOf(request: ServerRequest): Labels {
  try {
    const info = requestInfo(request)
    if (info.type === 'path') return { verb: info.verb.toUpperCase() }
    const { group, version, plural, subresource } = info.target
    const verb = verbs[info.verb] ?? info.verb.toUpperCase()
    return { verb, group, version, resource: plural, subresource, scope: scopeOf(info), component: 'apiserver' }
  } catch {
    return { verb: request.method }
  }
}

const rendered = new WeakMap<Labels, string>()

function labelText(labels: Labels): string {
  const before = rendered.get(labels)
  if (before !== undefined) return before
  const text = renderLabels(labels)
  rendered.set(labels, text)
  return text
}

function renderLabels(labels: Labels): string {
  const escaped = (value: string): string => value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

/** What to do next for one pod: pure, so that every case can be told in a table. */
import type { Pod } from '../api/types/core-v1.ts'
import {
  attemptsBefore,
  attemptsOf,
  belongsTo,
  containerEntries,
  restarts,
  runningSandbox,
  specHash,
  type ContainerEntry,
} from './pod-containers.ts'
import { graceOf } from './grace.ts'
import { planEnd } from './plan-end.ts'
import type { Action, Plan, PlanInput } from './actions.ts'
import { resourcesOf } from './container-resources.ts'
import { needsRestart, withAllocated } from './resize.ts'
import { crashesAfter, restartAt } from './restart-delay.ts'
import type { ObservedContainer } from './runtime/runtime.ts'

export function plan(input: PlanInput): Plan {
  if (isEnding(input)) return planEnd(input)
  // A sandbox that is being started shows as running before its network is there.
  const sandbox = input.busy.has('') ? undefined : runningSandbox(input.observed)
  if (sandbox === undefined) return planSandbox(input)
  const steps = new Steps(input, sandbox)
  steps.planEphemeral()
  if (initialized(input, sandbox) || steps.planInit()) steps.planApp()
  steps.planRemovals()
  return steps.result()
}

/** Deleted, at its end, past its deadline, or not taken. */
export function isEnding({
  pod,
  gone,
  now,
  ended,
  refusal,
}: Pick<PlanInput, 'pod' | 'gone' | 'now' | 'ended' | 'refusal'>): boolean {
  const phase = pod.status?.phase
  if (gone || ended || pod.metadata?.deletionTimestamp !== undefined) return true
  return phase === 'Succeeded' || phase === 'Failed' || pastDeadline(pod, now) || refusal !== undefined
}

export function deadlineOf({ spec, status }: Pod): number | undefined {
  const seconds = spec?.activeDeadlineSeconds
  if (seconds === undefined || status?.startTime === undefined) return undefined
  return Date.parse(status.startTime) + seconds * 1000
}

export function pastDeadline(pod: Pod, now: number): boolean {
  return now >= (deadlineOf(pod) ?? Infinity)
}

function planSandbox(input: PlanInput): Plan {
  const { pod, observed, busy, now, startFailures } = input
  const orphans = observed.containers.filter(
    ({ state, identity }) => state === 'running' && !busy.has(identity.container),
  )
  const kills: Action[] = orphans.map((target) => ({
    type: 'kill-container',
    target,
    graceSeconds: graceOf(pod),
    why: 'its sandbox has ended',
  }))
  const wanted = containerEntries(pod.spec).some((entry) => entry.role === 'app' && wantsToRun(input, entry))
  if (!wanted || busy.has('')) return { actions: kills, wakeAt: undefined }
  const retryAt = startFailures.get('')?.retryAt ?? 0
  if (retryAt > now) return { actions: kills, wakeAt: retryAt }
  const attempt = (observed.sandboxes[0]?.identity.attempt ?? -1) + 1
  return { actions: [...kills, { type: 'start-sandbox', attempt }], wakeAt: undefined }
}

function wantsToRun({ pod, observed }: PlanInput, entry: ContainerEntry): boolean {
  const latest = attemptsOf(observed, entry.container.name)[0]
  if (latest === undefined || latest.state === 'created') return true
  return latest.state === 'exited' && restarts(entry, pod.spec, latest.exitCode)
}

/** Once an app container was made in this sandbox, the init containers have done their work for it. */
export function initialized(
  { pod, observed }: Pick<PlanInput, 'pod' | 'observed'>,
  sandbox: ObservedContainer,
): boolean {
  if ((pod.spec?.initContainers ?? []).length === 0) return true
  return observed.containers.some((one) => one.identity.role === 'app' && belongsTo(one, sandbox))
}

/** Collects the actions for a pod whose sandbox runs. */
class Steps {
  private readonly actions: Action[] = []
  private readonly wakes: number[] = []
  private readonly input: PlanInput
  private readonly sandbox: ObservedContainer
  private readonly entries: ContainerEntry[]

  constructor(input: PlanInput, sandbox: ObservedContainer) {
    this.input = input
    this.sandbox = sandbox
    this.entries = containerEntries(input.pod.spec)
    const deadline = deadlineOf(input.pod)
    if (deadline !== undefined) this.wakes.push(deadline)
  }

  result(): Plan {
    return { actions: this.actions, wakeAt: this.wakes.length === 0 ? undefined : Math.min(...this.wakes) }
  }

  /** True when all init containers are through, and sidecars have started. */
  planInit(): boolean {
    for (const entry of this.entries.filter(({ role }) => role === 'init')) {
      const latest = this.latestHere(entry)
      if (entry.sidecar) {
        this.planContainer(entry)
        if (latest === undefined || latest.state !== 'running' || !this.hasStarted(entry, latest)) return false
        continue
      }
      if (latest?.state === 'exited' && latest.exitCode === 0) continue
      this.planContainer(entry)
      return false
    }
    return true
  }

  /** They look into a pod at any time, also into one whose init containers do not end; none runs twice. */
  planEphemeral(): void {
    for (const entry of this.entries) if (entry.role === 'ephemeral') this.planContainer(entry)
  }

  planApp(): void {
    for (const entry of this.entries) if (entry.role === 'app' || entry.sidecar) this.planContainer(entry)
  }

  /** Keeps the newest two attempts of each container: the one that is, and the one before. */
  planRemovals(): void {
    const { observed, busy } = this.input
    for (const { container } of this.entries) {
      if (busy.has(container.name)) continue
      for (const target of attemptsOf(observed, container.name).slice(2)) this.actions.push({ type: 'remove', target })
    }
    for (const target of observed.sandboxes)
      if (target.state !== 'running') this.actions.push({ type: 'remove', target })
  }

  private latestHere({ container }: ContainerEntry): ObservedContainer | undefined {
    return attemptsOf(this.input.observed, container.name).find((one) => belongsTo(one, this.sandbox))
  }

  private hasStarted({ container }: ContainerEntry, latest: ObservedContainer): boolean {
    return container.startupProbe === undefined || this.input.probes.get(latest.id)?.started === true
  }

  private planContainer(entry: ContainerEntry): void {
    const { observed, busy, pod } = this.input
    const { name } = entry.container
    if (
      busy.has(name) ||
      this.actions.some((one) => one.type === 'start-container' && one.entry.container.name === name)
    )
      return
    const latest = attemptsOf(observed, name)[0]
    if (latest === undefined) return this.start(entry, attemptsBefore(pod, name), 0)
    if (latest.state === 'created') return void this.actions.push({ type: 'remove', target: latest })
    if (latest.state === 'running') return this.planRunning(entry, latest)
    const next = latest.identity.attempt + 1
    // The pod has a new sandbox: init containers run again, and nobody waits for what ended with the old one.
    if (!belongsTo(latest, this.sandbox) && entry.role === 'init') return this.start(entry, next, 0)
    const changed = latest.notes['spec-hash'] !== specHash(entry.container)
    if (!changed && !restarts(entry, pod.spec, latest.exitCode)) return
    if (changed) return this.start(entry, next, 0)
    const at = restartAt(latest)
    if (at > this.input.now) this.wakes.push(at)
    else this.start(entry, next, crashesAfter(latest))
  }

  private planRunning(entry: ContainerEntry, target: ObservedContainer): void {
    const { name } = entry.container
    const unhealthy = this.input.probes.get(target.id)?.unhealthy
    const why = !belongsTo(target, this.sandbox)
      ? 'its sandbox has ended'
      : target.notes['spec-hash'] !== specHash(entry.container)
        ? `Container ${name} definition changed, will be restarted`
        : (unhealthy ?? this.resizeRestart(entry, target))
    if (why === undefined) return this.planResize(entry, target)
    const graceSeconds = unhealthy === undefined ? graceOf(this.input.pod) : probeGrace(entry, this.input.pod)
    this.actions.push({ type: 'kill-container', target, graceSeconds, why })
  }

  /** With the resources that the node has promised, while it cannot give those that the spec asks for. */
  private given(entry: ContainerEntry): ContainerEntry {
    const { pod } = this.input
    const waits = pod.status?.conditions?.some(({ type, status }) => type === 'PodResizePending' && status === 'True')
    if (waits !== true || entry.role !== 'app') return entry
    const container = withAllocated(pod).spec?.containers.find(({ name }) => name === entry.container.name)
    return { ...entry, container: container ?? entry.container }
  }

  private isResized({ container }: ContainerEntry): boolean {
    const { differing, pending } = this.input.resize
    return pending === undefined && differing.has(container.name)
  }

  private resizeRestart(entry: ContainerEntry, target: ObservedContainer): string | undefined {
    const restart = this.isResized(entry) && needsRestart(entry.container, target.resources)
    return restart ? `Container ${entry.container.name} resize requires restart` : undefined
  }

  private planResize(entry: ContainerEntry, target: ObservedContainer): void {
    if (!this.isResized(entry)) return
    this.actions.push({ type: 'resize-container', target, resources: resourcesOf(entry.container) })
  }

  private start(entry: ContainerEntry, attempt: number, crashes: number): void {
    const failure = this.input.startFailures.get(entry.container.name)
    if (failure !== undefined && failure.retryAt > this.input.now) this.wakes.push(failure.retryAt)
    else
      this.actions.push({ type: 'start-container', entry: this.given(entry), sandbox: this.sandbox, attempt, crashes })
  }
}

function probeGrace({ container }: ContainerEntry, pod: Pod): number {
  const own =
    container.livenessProbe?.terminationGracePeriodSeconds ?? container.startupProbe?.terminationGracePeriodSeconds
  return own ?? graceOf(pod)
}

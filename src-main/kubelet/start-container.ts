import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Action } from './actions.ts'
import { ConfigError } from './config-error.ts'
import { containerConfig, refuseRoot } from './container-config.ts'
import { podFacts, type KubeletContext } from './context.ts'
import { environment } from './environment.ts'
import type { NodeFacts } from './field-reference.ts'
import { postStart } from './lifecycle-hooks.ts'
import { graceOf } from './grace.ts'
import { attemptsOf, note } from './pod-containers.ts'
import { containerMounts } from './pod-volumes.ts'
import { isRuntimeError, type ObservedContainer } from './runtime/runtime.ts'
import { terminationLog } from './termination-logs.ts'

type StartContainer = Extract<Action, { type: 'start-container' }>

/** Image, container, start, postStart hook: each step is a span of its own. `signal` aborts when the pod ends. */
export async function startContainer(
  context: KubeletContext,
  pod: Live<Pod>,
  action: StartContainer,
  signal: AbortSignal,
): Promise<void> {
  const { images, tell } = context
  const { container, role } = action.entry
  const about = { name: container.name, role }
  const step = <T>(name: string, run: () => Promise<T>): Promise<T> =>
    context.probe.span(name, podFacts(context, pod, container.name), run)
  await step('kubelet.image', () =>
    images.ensure(container, signal, (type, reason, message) => tell(pod, type, reason, message, about)),
  )
  const id = await step('kubelet.create-container', () => createContainer(context, pod, action)).catch(
    (error: unknown) => {
      if (!isRuntimeError(error, 'Unavailable')) tell(pod, 'Warning', 'Failed', `Error: ${wordsOf(error)}`, about)
      throw error
    },
  )
  tell(pod, 'Normal', 'Created', 'Container created', about)
  signal.throwIfAborted()
  const started = await step('kubelet.run-container', () => run(context, pod, action, id))
  if (started?.state === 'running') await afterStart(context, pod, action, started, signal)
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function run(
  { runtime, view, tell, turns }: KubeletContext,
  pod: Live<Pod>,
  { entry }: StartContainer,
  id: string,
): Promise<ObservedContainer | undefined> {
  const about = { name: entry.container.name, role: entry.role }
  try {
    await turns.take('start-container', () => runtime.start(id))
    tell(pod, 'Normal', 'Started', 'Container started', about)
  } catch (error) {
    if (isRuntimeError(error, 'Unavailable')) throw error
    // The container carries the reason itself and counts as ended.
    tell(pod, 'Warning', 'Failed', `Error: ${wordsOf(error)}`, about)
  }
  return view.refresh(id)
}

async function afterStart(
  context: KubeletContext,
  pod: Live<Pod>,
  { entry }: StartContainer,
  started: ObservedContainer,
  signal: AbortSignal,
): Promise<void> {
  const failure = await postStart(context, pod, started, signal)
  // A pod that ends is brought to its end by its plan.
  if (failure === undefined || signal.aborted) return
  const about = { name: entry.container.name, role: entry.role }
  context.tell(pod, 'Warning', 'FailedPostStartHook', `PostStartHook failed: ${failure}`, about)
  context.tell(pod, 'Normal', 'Killing', 'FailedPostStartHook', about)
  await context.runtime.stop(started.id, graceOf(pod))
  await context.view.refresh(started.id)
}

async function createContainer(context: KubeletContext, pod: Live<Pod>, action: StartContainer): Promise<string> {
  const { runtime, files, config, turns } = context
  const { container } = action.entry
  refuseRoot(pod, container, (await runtime.findImage(container.image ?? ''))?.user ?? '')
  const variables = await environment(pod, container, config, nodeFacts(context, action.sandbox))
  const log = terminationLog(pod.metadata.uid, container.name, action.attempt)
  // The first ones were written with the pod's other files, before its sandbox.
  if (action.attempt > 0 || action.entry.role === 'ephemeral') await files.write([log])
  const target = container.terminationMessagePath ?? '/dev/termination-log'
  const mounts = [
    ...(await containerMounts(context, pod, container, variables)),
    { source: log.path, target, readOnly: false },
  ]
  try {
    const parts = { variables, mounts, terminationLog: log.path, ...targetOf(context, pod, action) }
    return await turns.take('create-container', () => runtime.create(containerConfig(pod, action, parts)))
  } catch (error) {
    if (isRuntimeError(error, 'Unavailable') || error instanceof ConfigError) throw error
    throw new ConfigError('CreateContainerError', wordsOf(error), error)
  }
}

/** The running container whose processes an ephemeral one asked to see. Throws ConfigError when it does not run. */
function targetOf({ view }: KubeletContext, pod: Live<Pod>, { entry }: StartContainer): { pidsOf?: string } {
  if (entry.target === undefined) return {}
  const [latest] = attemptsOf(view.of(pod.metadata.uid), entry.target)
  if (latest?.state === 'running') return { pidsOf: latest.id }
  throw new ConfigError('CreateContainerError', `unable to find target container ${entry.target}`)
}

function nodeFacts(context: KubeletContext, sandbox: ObservedContainer): NodeFacts {
  const { nodeName, address, cpus, memoryBytes } = context
  return { nodeName, hostAddress: address, podAddress: sandbox.notes[note.address] ?? address, cpus, memoryBytes }
}

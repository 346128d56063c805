/** Carries out what a plan says. Each function resolves when its effect can be seen in the runtime's view. */
import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Facts } from '../glass/probe.ts'
import type { Action } from './actions.ts'
import { ConfigError } from './config-error.ts'
import { containerConfig } from './container-config.ts'
import type { KubeletContext } from './context.ts'
import { environment } from './environment.ts'
import type { NodeFacts } from './field-reference.ts'
import { postStart, preStop } from './lifecycle-hooks.ts'
import { graceOf } from './plan.ts'
import { containerMounts, terminationLog } from './pod-volumes.ts'
import { note } from './pod-containers.ts'
import { isRuntimeError, type ObservedContainer } from './runtime/runtime.ts'
import { startSandbox } from './start-sandbox.ts'

export type StartContainer = Extract<Action, { type: 'start-container' }>

/** `signal` aborts when the pod ends: what is being started is given up. */
export async function apply(
  context: KubeletContext,
  pod: Live<Pod>,
  action: Action,
  signal: AbortSignal,
): Promise<void> {
  const facts = factsOf(context, pod, action)
  await context.probe.gate(`kubelet.${action.type}`, facts)
  await context.probe.span(`kubelet.${action.type}`, facts, async () => {
    switch (action.type) {
      case 'start-sandbox':
        return startSandbox(context, pod, action.attempt)
      case 'start-container':
        return startContainer(context, pod, action, signal)
      case 'kill-container':
        return killContainer(context, pod, action)
      case 'stop-sandbox':
        return stopSandbox(context, pod, action.target)
      case 'remove':
        await context.runtime.remove(action.target.id)
        return void (await context.view.refresh(action.target.id))
    }
  })
}

function factsOf({ nodeName }: KubeletContext, { metadata }: Live<Pod>, action: Action): Facts {
  const container =
    action.type === 'start-container'
      ? action.entry.container.name
      : action.type === 'start-sandbox'
        ? undefined
        : action.target.identity.container
  return {
    'k8s.object.kind': 'Pod',
    'k8s.namespace.name': metadata.namespace,
    'k8s.object.name': metadata.name,
    'k8s.object.uid': metadata.uid,
    'k8s.node.name': nodeName,
    'k8s.container.name': container === '' ? undefined : container,
  }
}

async function startContainer(
  context: KubeletContext,
  pod: Live<Pod>,
  action: StartContainer,
  signal: AbortSignal,
): Promise<void> {
  const { runtime, images, view, tell } = context
  const { container, role } = action.entry
  const about = { name: container.name, role }
  await images.ensure(container, signal, (type, reason, message) => tell(pod, type, reason, message, about))
  const id = await createContainer(context, pod, action).catch((error: unknown) => {
    if (!isRuntimeError(error, 'Unavailable')) tell(pod, 'Warning', 'Failed', `Error: ${wordsOf(error)}`, about)
    throw error
  })
  tell(pod, 'Normal', 'Created', `Created container: ${container.name}`, about)
  signal.throwIfAborted()
  try {
    await runtime.start(id)
  } catch (error) {
    if (isRuntimeError(error, 'Unavailable')) throw error
    // The container carries the reason itself and counts as ended.
    tell(pod, 'Warning', 'Failed', `Error: ${wordsOf(error)}`, about)
    await view.refresh(id)
    return
  }
  tell(pod, 'Normal', 'Started', `Started container ${container.name}`, about)
  const started = await view.refresh(id)
  const failure = started === undefined ? undefined : await postStart(context, pod, started, signal)
  if (failure === undefined) return
  tell(pod, 'Warning', 'FailedPostStartHook', `PostStartHook failed: ${failure}`, about)
  tell(pod, 'Normal', 'Killing', 'FailedPostStartHook', about)
  await runtime.stop(id, graceOf(pod))
  await view.refresh(id)
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function createContainer(context: KubeletContext, pod: Live<Pod>, action: StartContainer): Promise<string> {
  const { container } = action.entry
  const variables = await environment(pod, container, context.config, nodeFacts(context, action.sandbox))
  const log = terminationLog(pod.metadata.uid, container.name, action.attempt)
  // The first ones were written with the pod's other files.
  if (action.attempt > 0) await context.files.write([log])
  const target = container.terminationMessagePath ?? '/dev/termination-log'
  const mounts = [
    ...(await containerMounts(context, pod, container, variables)),
    { source: log.path, target, readOnly: false },
  ]
  try {
    return await context.runtime.create(containerConfig(pod, action, { variables, mounts, terminationLog: log.path }))
  } catch (error) {
    if (isRuntimeError(error, 'Unavailable')) throw error
    throw new ConfigError('CreateContainerError', wordsOf(error), error)
  }
}

export function nodeFacts(context: KubeletContext, sandbox: ObservedContainer): NodeFacts {
  const { nodeName, address, cpus, memoryBytes } = context
  return { nodeName, hostAddress: address, podAddress: sandbox.notes[note.address] ?? address, cpus, memoryBytes }
}

async function killContainer(
  context: KubeletContext,
  pod: Live<Pod>,
  { target, graceSeconds, why }: Extract<Action, { type: 'kill-container' }>,
): Promise<void> {
  const { runtime, view, tell } = context
  const { container: name, role } = target.identity
  const about = { name, role: role === 'init' ? ('init' as const) : ('app' as const) }
  tell(pod, 'Normal', 'Killing', why === '' ? `Stopping container ${name}` : why, about)
  await runtime.stop(target.id, await preStop(context, pod, target, graceSeconds))
  await view.refresh(target.id)
}

async function stopSandbox(
  { runtime, view, network }: KubeletContext,
  pod: Live<Pod>,
  target: ObservedContainer,
): Promise<void> {
  await runtime.stop(target.id, 2)
  network.tearDown(pod.metadata.uid)
  await view.refresh(target.id)
}

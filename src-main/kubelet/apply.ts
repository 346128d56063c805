/** Carries out what a plan says. Each function resolves when its effect can be seen in the runtime's view. */
import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Facts } from '../glass/probe.ts'
import type { Action } from './actions.ts'
import { podFacts, type KubeletContext } from './context.ts'
import { preStop } from './lifecycle-hooks.ts'
import type { ObservedContainer } from './runtime/runtime.ts'
import { startContainer } from './start-container.ts'
import { startSandbox } from './start-sandbox.ts'

/** `signal` aborts when the pod ends: what is being started is given up. */
export async function apply(
  context: KubeletContext,
  pod: Live<Pod>,
  action: Action,
  signal: AbortSignal,
): Promise<void> {
  const facts = factsOf(context, pod, action)
  const starts = action.type === 'start-sandbox' || action.type === 'start-container'
  // What ends a pod is held for as long as it takes; what would start one for a pod that ends meanwhile is given up.
  await context.probe.gate(`kubelet.${action.type}`, facts, starts ? signal : undefined)
  if (starts && signal.aborted) return
  await context.probe.span(`kubelet.${action.type}`, facts, async () => {
    switch (action.type) {
      case 'start-sandbox':
        return startSandbox(context, pod, action.attempt, signal)
      case 'start-container':
        return startContainer(context, pod, action, signal)
      case 'kill-container':
        return killContainer(context, pod, action)
      case 'resize-container':
        await context.runtime.resize(action.target.id, action.resources)
        return void (await context.view.refresh(action.target.id))
      case 'stop-sandbox':
        return stopSandbox(context, pod, action.target)
      case 'remove':
        await context.runtime.remove(action.target.id)
        return void (await context.view.refresh(action.target.id))
    }
  })
}

function factsOf(context: KubeletContext, pod: Live<Pod>, action: Action): Facts {
  if (action.type === 'start-sandbox') return podFacts(context, pod)
  const name = action.type === 'start-container' ? action.entry.container.name : action.target.identity.container
  return name === '' ? podFacts(context, pod) : podFacts(context, pod, name)
}

async function killContainer(
  context: KubeletContext,
  pod: Live<Pod>,
  { target, graceSeconds, why }: Extract<Action, { type: 'kill-container' }>,
): Promise<void> {
  const { runtime, view, tell } = context
  const { container: name, role } = target.identity
  const about = { name, role: role === 'sandbox' ? ('app' as const) : role }
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

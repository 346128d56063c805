import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import { ConfigError, isPullError } from './config-error.ts'
import { podFacts, type KubeletContext } from './context.ts'
import { collectPodFiles, writePodFiles } from './pod-volumes.ts'
import type { WiredSandbox } from './pod-network.ts'
import { isRuntimeError, RuntimeError } from './runtime/runtime.ts'
import { sandboxConfig } from './sandbox-config.ts'

/** Makes the pod's sandbox and connects it to the network; leaves nothing behind when it fails. */
export async function startSandbox(
  context: KubeletContext,
  pod: Live<Pod>,
  attempt: number,
  signal: AbortSignal,
): Promise<void> {
  const { runtime, view, network, tell, turns } = context
  const { uid } = pod.metadata
  if (attempt > 0) tell(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
  let id: string | undefined
  try {
    const onHost = pod.spec?.hostNetwork === true
    const address = onHost ? context.address : network.reserve(uid)
    const prepared = await collectPodFiles(context, pod, address, signal)
    const written = writePodFiles(context, prepared)
    // Awaited below; a failure until then must not count as unhandled.
    written.catch(() => undefined)
    const made = await turns.take('create-sandbox', () =>
      runtime.create(sandboxConfig(pod, attempt, address, context.dns)),
    )
    id = made
    await turns.take('start-sandbox', () => runtime.start(made))
    const started = await view.refresh(made)
    if (started?.state !== 'running') throw new RuntimeError('Failed', 'the sandbox ended as soon as it was started')
    if (!onHost) await connect(context, pod, { podUid: uid, address, pid: started.pid })
    await written
  } catch (error) {
    if (!isRuntimeError(error, 'Unavailable')) {
      const words = error instanceof Error ? error.message : String(error)
      if (!(error instanceof ConfigError))
        tell(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${words}`)
      else if (!isPullError(error)) tell(pod, 'Warning', error.code, words)
      if (id !== undefined) await runtime.remove(id)
    }
    throw error
  }
}

async function connect(context: KubeletContext, pod: Live<Pod>, sandbox: WiredSandbox): Promise<void> {
  const facts = { ...podFacts(context, pod), 'k8s.pod.ip': sandbox.address }
  await context.probe.span('kubelet.connect-network', facts, () => context.network.setUp(sandbox))
}

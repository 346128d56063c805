import type { ContainerStatus } from '../api/types/core-v1.ts'
import { restarts } from './pod-containers.ts'
import type { EntryStatus, StatusInput } from './status.ts'

/** The pod's phase. Succeeded and Failed are for ever. */
export function podPhaseOf({ pod, ending }: StatusInput, statuses: readonly EntryStatus[]): string {
  const before = pod.status?.phase
  if (before === 'Succeeded' || before === 'Failed') return before
  const apps = statuses.filter(({ entry }) => entry.role === 'app').map(({ status }) => status)
  const ended = apps.map(endOf)
  if (initFailed(pod.spec, statuses)) return 'Failed'
  if (apps.some(hasNotRun)) return 'Pending'
  if (ended.some((end) => end === undefined)) return 'Running'
  // A pod that ends has a verdict as soon as nothing of it runs, whatever its restart policy.
  const policy = pod.spec?.restartPolicy ?? 'Always'
  const failed = ended.some((end) => end !== 0)
  if (ending) return failed ? 'Failed' : 'Succeeded'
  if (policy === 'Always' || (failed && policy === 'OnFailure')) return 'Running'
  return failed ? 'Failed' : 'Succeeded'
}

/** The exit code of a container that does not run now; undefined for one that does. */
function endOf({ state, lastState }: ContainerStatus): number | undefined {
  if (state?.running !== undefined) return undefined
  return state?.terminated?.exitCode ?? lastState?.terminated?.exitCode
}

function hasNotRun({ state, lastState }: ContainerStatus): boolean {
  return state?.waiting !== undefined && lastState?.terminated === undefined
}

function initFailed(spec: StatusInput['pod']['spec'], statuses: readonly EntryStatus[]): boolean {
  return statuses.some(({ entry, status }) => {
    const code = status.state?.terminated?.exitCode
    if (entry.role !== 'init' || entry.sidecar || code === undefined || code === 0) return false
    return !restarts(entry, spec, code)
  })
}

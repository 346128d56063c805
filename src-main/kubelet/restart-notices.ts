import type { PlanInput } from './actions.ts'
import type { KubeletContext } from './context.ts'
import { isEnding } from './plan.ts'
import { attemptsOf, containerEntries, podLabel, restarts } from './pod-containers.ts'
import { restartAt } from './restart-delay.ts'

/** Tells once for each ended container that its restart has to wait. */
export class RestartNotices {
  private readonly told = new Set<string>()
  private readonly context: KubeletContext

  constructor(context: KubeletContext) {
    this.context = context
  }

  tell(input: PlanInput): void {
    if (isEnding(input)) return
    const { pod, observed, now } = input
    for (const entry of containerEntries(pod.spec)) {
      const latest = attemptsOf(observed, entry.container.name)[0]
      if (latest?.state !== 'exited' || this.told.has(latest.id)) continue
      if (!restarts(entry, pod.spec, latest.exitCode) || restartAt(latest) <= now) continue
      this.told.add(latest.id)
      const { name } = entry.container
      const label = podLabel(pod)
      const message = `Back-off restarting failed container ${name} in pod ${label}`
      this.context.tell(pod, 'Warning', 'BackOff', message, { name, role: entry.role })
    }
  }
}

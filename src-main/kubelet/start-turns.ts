/** Docker does not get faster by more than this many at once. */
const placesPerNode = 6

/** The later the step of a pod, the sooner its turn. */
const steps = ['create-sandbox', 'start-sandbox', 'create-container', 'start-container'] as const
export type StartStep = (typeof steps)[number]

/**
 * Lets a node make and start only a few containers at once. When many pods come together, each is brought to its end
 * before the next is begun: what is nearest to running goes first.
 */
export class StartTurns {
  private free: number
  private readonly waiting: Readonly<Record<StartStep, (() => void)[]>> = {
    'create-sandbox': [],
    'start-sandbox': [],
    'create-container': [],
    'start-container': [],
  }

  constructor(places = placesPerNode) {
    this.free = places
  }

  async take<T>(step: StartStep, run: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--
    else await new Promise<void>((resolve) => this.waiting[step].push(resolve))
    try {
      return await run()
    } finally {
      const next = steps.findLast((one) => this.waiting[one].length > 0)
      const go = next === undefined ? undefined : this.waiting[next].shift()
      if (go === undefined) this.free++
      else go()
    }
  }
}

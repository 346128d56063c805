/** Whether the time that something takes grows as its size, or faster. */

/** Processor time of this thread: what others do on the machine at the same time does not count. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Below this nobody is held up, and the time of a run says little. */
const noticedMs = 250
const tries = 3
/** What seems to grow too fast is looked at longer: a busy neighbour on the same core costs processor time as well. */
const mostTries = 9
/** The square of twice the size is four times as much. */
const mostGrowth = 3

/**
 * Undefined when `run` takes a time that grows as its size, or hardly any; else what it took. `run` is given a share of
 * the full size. Of a few runs the shortest counts: the others waited for something else.
 */
export async function fastGrowth(
  prepare: (share: number) => Promise<() => unknown> | (() => unknown),
): Promise<string | undefined> {
  const timeOf = async (share: number): Promise<number> => {
    const run = await prepare(share)
    const startMs = cpuMs()
    await run()
    return cpuMs() - startMs
  }
  if ((await timeOf(1)) < noticedMs) return undefined
  // In turns, so that a machine that is slower for a while is so for both.
  let [whole, half] = [Infinity, Infinity]
  for (let run = 0; run < mostTries; run++) {
    whole = Math.min(whole, await timeOf(1))
    half = Math.min(half, await timeOf(0.5))
    if (run + 1 >= tries && (whole <= noticedMs || whole <= mostGrowth * half)) return undefined
  }
  return `${Math.round(whole)} ms, and ${Math.round(half)} ms for half of it`
}

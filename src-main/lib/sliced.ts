/** Long work in slices, so that whoever shares the thread with it is never held up for long. */

/** Yields how many units it has done since it last did. */
export type Sliced<T> = Generator<number, T>

/** Lets everybody else on this thread have a turn. */
export type NextTurn = () => Promise<void>

/**
 * Does the work, with a turn for the others after every `sliceUnits`. What is done within the first slice is given back
 * at once, without a promise.
 */
export function inSlices<T>(work: Sliced<T>, sliceUnits: number, nextTurn: NextTurn): T | Promise<T> {
  const step = (): { readonly value: T } | undefined => {
    for (let done = 0; done < sliceUnits;) {
      const next = work.next()
      if (next.done === true) return { value: next.value }
      done += next.value
    }
    return undefined
  }
  const first = step()
  if (first !== undefined) return first.value
  return (async () => {
    for (;;) {
      await nextTurn()
      const result = step()
      if (result !== undefined) return result.value
    }
  })()
}

/** Does the work in one go, for those who may take as long as it takes. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const next = work.next()
    if (next.done === true) return next.value
  }
}

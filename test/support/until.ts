/** Waits for a condition on real components; the limit is only there to end a broken run. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  limitMs = 60_000,
  pauseMs = 100,
): Promise<T> {
  const end = performance.now() + limitMs
  let last: unknown
  for (;;) {
    try {
      const found = await look()
      if (found !== undefined && found !== false) return found
    } catch (error) {
      last = error
    }
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs} ms`, { cause: last })
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

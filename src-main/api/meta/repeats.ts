/** Tells of each value, in their order, whether it came before. To search a list for each takes the square of the time. */
export function repeats(): (value: unknown) => boolean {
  const seen = new Set<unknown>()
  return (value) => {
    if (seen.has(value)) return true
    seen.add(value)
    return false
  }
}

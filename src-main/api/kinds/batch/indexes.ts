/** Lists of indexes of a job, such as `1,3-5`. */

interface Problem {
  readonly problem: string
}

type Interval = readonly [first: number, last: number]

/** One part of a list; its indexes must be below `completions`. */
function readInterval(text: string, completions: number): Interval | Problem {
  const limits = text.split('-')
  if (limits.length > 2)
    return {
      problem: `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    }
  for (const limit of limits) {
    if (!/^\d+$/.test(limit)) return { problem: `cannot convert string to integer for index: ${JSON.stringify(limit)}` }
    if (Number(limit) >= completions) return { problem: `too large index: ${JSON.stringify(limit)}` }
  }
  const [first = 0, last = first] = limits.map(Number)
  return limits.length === 2 && first >= last ? { problem: outOfOrder(first, last) } : [first, last]
}

const outOfOrder = (previous: number, current: number): string =>
  `non-increasing order, previous: ${previous}, current: ${current}`

/** How many indexes a list names; they must rise, and be below `completions`. */
export function countIndexes(text: string, completions: number): number | Problem {
  let total = 0
  let before = -1
  if (text === '') return 0
  for (const part of text.split(',')) {
    const interval = readInterval(part, completions)
    if ('problem' in interval) return interval
    const [first, last] = interval
    if (first <= before) return { problem: outOfOrder(before, first) }
    total += last - first + 1
    before = last
  }
  return total
}

/** The first index that both lists name; what cannot be read is passed over. */
export function commonIndex(left: string, right: string, completions: number): number | undefined {
  const [a, b] = [left, right].map((text) =>
    text === ''
      ? []
      : text.split(',').flatMap((part): Interval[] => {
          const interval = readInterval(part, completions)
          return 'problem' in interval ? [] : [interval]
        }),
  )
  let [i, j] = [0, 0]
  for (;;) {
    const one = a?.[i]
    const other = b?.[j]
    if (one === undefined || other === undefined) return undefined
    if (one[0] <= other[1] && other[0] <= one[1]) return Math.max(one[0], other[0])
    if (one[0] <= other[0]) i++
    else j++
  }
}

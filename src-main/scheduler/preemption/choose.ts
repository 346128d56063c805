/** Which of the nodes on which pods could be evicted. */
import type { Candidate } from './victims.ts'
import { priorityOf, startOf } from './victims.ts'

/** Priorities are added up from here, so that fewer victims count as less even when priorities are negative. */
const lowest = -(2 ** 31)

const highest = ({ victims: [first] }: Candidate): number => (first === undefined ? lowest : priorityOf(first))
const sum = ({ victims }: Candidate): number => victims.reduce((total, pod) => total + priorityOf(pod) - lowest + 1, 0)
/** When the first of the most important victims started. */
const earliestStart = (candidate: Candidate): number =>
  Math.min(...candidate.victims.filter((pod) => priorityOf(pod) === highest(candidate)).map(startOf))

/** Each asked only where those before leave a tie; less is better. */
const criteria: readonly ((candidate: Candidate) => number)[] = [
  ({ violations }) => violations,
  highest,
  sum,
  ({ victims }) => victims.length,
  (candidate) => -earliestStart(candidate),
]

/** Undefined only for an empty list. */
export function chooseCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  let left = candidates
  for (const criterion of criteria) {
    if (left.length < 2) break
    const values = left.map(criterion)
    const least = values.reduce((a, b) => Math.min(a, b), Infinity)
    left = left.filter((_, index) => values[index] === least)
  }
  return left[0]
}

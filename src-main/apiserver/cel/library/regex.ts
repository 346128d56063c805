/** Finding by regular expressions. */
import { RegexSyntaxError } from '../../../lib/re2/node.ts'
import { codePointsOf, compileSearch, type Match } from '../../../lib/re2/search.ts'
import { EvaluationError } from '../errors.ts'
import type { Meter } from '../evaluation/meter.ts'
import { member, scanBoth, type Overload } from './overload.ts'

/** Of one state at one character: about half of what it takes to look at a variable. */
export const stateCost = 0.5

/** A bad expression is an error of the evaluation, where it is no literal. */
export function failing<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error
    throw Object.assign(new EvaluationError(error.message), { cause: error })
  }
}

function find(text: string, pattern: string, meter: Meter): string {
  const [first] = findAll(text, pattern, 1n, meter)
  return first ?? ''
}

function findAll(text: string, pattern: string, limit: bigint | Meter, last?: Meter): readonly string[] {
  const meter = typeof limit === 'bigint' ? last : limit
  const most = typeof limit === 'bigint' && limit >= 0n ? Number(limit) : Infinity
  const regexp = failing(() => compileSearch(pattern))
  const points = codePointsOf(text)
  const found: string[] = []
  let previousEnd = -1
  let from = 0
  while (from <= points.length && found.length < most) {
    const match = regexp.find(points, from, (states) => meter?.charge(states * stateCost))
    if (match === undefined) break
    const empty = match.end === match.start
    // Nothing right after a match is no match of its own.
    if (!empty || match.start !== previousEnd) found.push(textOf(points, match))
    previousEnd = match.end
    from = empty ? match.end + 1 : match.end
  }
  return found
}

const textOf = (points: readonly number[], { start, end }: Match): string => {
  let text = ''
  for (const point of points.slice(start, end)) text += String.fromCodePoint(point)
  return text
}

export const regexLibrary: readonly Overload[] = [
  member('string', 'find', ['string'], 'string', find, { cost: scanBoth }),
  member('string', 'findAll', ['string'], 'list<string>', findAll, { cost: scanBoth }),
  member('string', 'findAll', ['string', 'int'], 'list<string>', findAll, { cost: scanBoth }),
]

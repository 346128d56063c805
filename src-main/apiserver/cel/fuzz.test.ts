import { describe, expect, it } from 'vitest'
import { seededRandom, type Random } from '../../lib/random.ts'
import { startTestServer } from '../../../test/support/api-server.ts'
import { StatusError } from '../../api/errors.ts'
import { aValidatingPolicy, validatingPolicyKind } from '../admission/policies/policy-builders.ts'
import { CompileError, CostLimitError, EvaluationError } from './errors.ts'
import { evaluate } from './test-evaluate.ts'

const atoms = [
  ...['object', 'object.list', 'object.text', 'object.number', 'object.map', 'x', 'y', '1', '-1', '2u', '1.5', '"a"'],
  ...["b'a'", 'true', 'null', '[]', '{}', '[1, 2]', '{"a": 1}', 'r"(a|b)*"', '"%s"', '9223372036854775807'],
]
const operators = ['+', '-', '*', '/', '%', '==', '!=', '<', '>=', '&&', '||', 'in', '?', '.', ',']
const calls = [
  ...['size()', 'all(x, E)', 'exists(y, E)', 'map(x, E)', 'filter(y, E)', 'transformList(x, y, E)', 'matches(E)'],
  ...['findAll(E)', 'replace(E, E)', 'split(E)', 'join(E)', 'format([E])', 'sum()', 'indexOf(E)', 'orValue(E)'],
  ...['substring(E)', '?a', 'contains(E)', 'startsWith(E)', 'lowerAscii()', 'isSorted()', 'optMap(x, E)'],
]
const globals = [
  'size(E)',
  'int(E)',
  'string(E)',
  'type(E)',
  'dyn(E)',
  'duration(E)',
  'quantity(E)',
  'optional.of(E)',
  'ip(E)',
  'has(E)',
  'sets.contains(E, E)',
  'semver(E)',
  'url(E)',
]

function pick(random: Random, list: readonly string[]): string {
  return list[Math.floor(random.next() * list.length)] ?? ''
}

function expression(random: Random, depth: number): string {
  if (depth === 0) return pick(random, atoms)
  const inner = (): string => expression(random, depth - 1)
  const filled = (text: string): string => text.replaceAll(/\bE\b/g, () => inner())
  const kind = random.next()
  if (kind < 0.3) return `${inner()} ${pick(random, operators)} ${inner()}`
  if (kind < 0.65) return `${inner()}.${filled(pick(random, calls))}`
  if (kind < 0.85) return filled(pick(random, globals))
  return `(${inner()})${random.next() < 0.1 ? ')' : ''}`
}

const object = {
  list: Array.from({ length: 50 }, (_none, at) => at),
  text: 'ab'.repeat(200),
  number: 3,
  map: { a: 'b' },
}

describe('expressions made at random', () => {
  it('have a value, are refused, or fail in the ways that are known', () => {
    const random = seededRandom(20)
    const outcomes = new Map<string, number>()
    for (let round = 0; round < 4000; round++) {
      const source = expression(random, 1 + (round % 5))
      let outcome = 'value'
      try {
        evaluate(source, { object })
      } catch (error) {
        const known =
          error instanceof CompileError || error instanceof EvaluationError || error instanceof CostLimitError
        if (!known) throw new Error(`an unknown failure of ${source}`, { cause: error })
        outcome = error.name
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['value', 'CompileError', 'EvaluationError']))
  })

  it('are refused with a client error, however deep they are', async () => {
    const { client } = await startTestServer()
    const random = seededRandom(21)
    const deep = ['(', '[', '{1:', '!', '-', 'a.', 'a[', 'true?', 'f(', 'has(', '"', '\\', '[1].map(x,'].map((part) =>
      part.repeat(20_000),
    )
    const noise = Array.from({ length: 50 }, () =>
      Array.from({ length: 30 }, () => String.fromCodePoint(1 + Math.floor(random.next() * 0x2ff))).join(''),
    )
    const answers = await Promise.all(
      [...deep, ...noise].map((source) =>
        client
          .create(validatingPolicyKind, aValidatingPolicy({ validations: [{ expression: source, message: 'm' }] }))
          .then(
            () => 201,
            (error: unknown) => (error instanceof StatusError ? error.code : error),
          ),
      ),
    )
    expect(new Set(answers)).toEqual(new Set([422]))
  })
})

/** Semantic versions. */
import { EvaluationError } from '../errors.ts'
import { OpaqueValue } from '../values/value.ts'
import { global, member, scan, type Overload } from './overload.ts'

interface Parts {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint]
  readonly prerelease: readonly string[]
}

class SemverValue extends OpaqueValue {
  readonly typeName = 'kubernetes.Semver'
  readonly parts: Parts

  constructor(parts: Parts) {
    super()
    this.parts = parts
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof SemverValue && compareVersions(this, other) === 0
  }
}

const shape =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/
const largest = 2n ** 64n - 1n

function parse(text: string): SemverValue | undefined {
  if (text.length > 256) return undefined
  const [, major, minor, patch, prerelease] = shape.exec(text) ?? []
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  const numbers = [BigInt(major), BigInt(minor), BigInt(patch)] as const
  const marks = prerelease?.split('.') ?? []
  if (numbers.some((number) => number > largest) || marks.some((mark) => /^0\d+$/.test(mark))) return undefined
  return new SemverValue({ numbers, prerelease: marks })
}

/** `v1.0` → `1.0.0`: the prefix goes, missing numbers and zeros in front of numbers are mended. */
function normalized(text: string): string {
  const [, release = '', rest = ''] = /^v?([^-+]*)(.*)$/s.exec(text) ?? []
  const numbers = release
    .split('.')
    .map((number) => (/^\d+$/.test(number) ? String(BigInt(number.slice(0, 30))) : number))
  while (numbers.length < 3) numbers.push('0')
  return numbers.join('.') + rest
}

function compareVersions({ parts: left }: SemverValue, { parts: right }: SemverValue): number {
  for (const index of [0, 1, 2] as const) {
    if (left.numbers[index] !== right.numbers[index]) return left.numbers[index] < right.numbers[index] ? -1 : 1
  }
  if (left.prerelease.length === 0 || right.prerelease.length === 0)
    return Math.sign(right.prerelease.length - left.prerelease.length)
  for (const [index, mark] of left.prerelease.entries()) {
    const other = right.prerelease[index]
    if (other === undefined) return 1
    const order = compareMarks(mark, other)
    if (order !== 0) return order
  }
  return left.prerelease.length < right.prerelease.length ? -1 : 0
}

/** Numbers come before words. */
function compareMarks(left: string, right: string): number {
  const [one, other] = [/^\d+$/.test(left), /^\d+$/.test(right)]
  if (one !== other) return one ? -1 : 1
  if (one) return BigInt(left) < BigInt(right) ? -1 : BigInt(left) > BigInt(right) ? 1 : 0
  return left < right ? -1 : left > right ? 1 : 0
}

function semver(text: string): SemverValue {
  const value = parse(text)
  if (value === undefined) throw new EvaluationError(`No Major.Minor.Patch elements found`)
  return value
}

const type = 'kubernetes.Semver'
const number =
  (index: 0 | 1 | 2) =>
  ({ parts }: SemverValue) =>
    BigInt.asIntN(64, parts.numbers[index])

export const semverLibrary: readonly Overload[] = [
  global('semver', ['string'], type, semver, { cost: scan }),
  global(
    'semver',
    ['string', 'bool'],
    type,
    (text: string, normalize: boolean) => semver(normalize ? normalized(text) : text),
    { cost: scan },
  ),
  global('isSemver', ['string'], 'bool', (text: string) => parse(text) !== undefined, { cost: scan }),
  global(
    'isSemver',
    ['string', 'bool'],
    'bool',
    (text: string, normalize: boolean) => parse(normalize ? normalized(text) : text) !== undefined,
    { cost: scan },
  ),
  member(type, 'major', [], 'int', number(0)),
  member(type, 'minor', [], 'int', number(1)),
  member(type, 'patch', [], 'int', number(2)),
  member(
    type,
    'isGreaterThan',
    [type],
    'bool',
    (one: SemverValue, other: SemverValue) => compareVersions(one, other) > 0,
  ),
  member(type, 'isLessThan', [type], 'bool', (one: SemverValue, other: SemverValue) => compareVersions(one, other) < 0),
  member(type, 'compareTo', [type], 'int', (one: SemverValue, other: SemverValue) =>
    BigInt(compareVersions(one, other)),
  ),
]

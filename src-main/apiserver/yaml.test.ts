import { describe, expect, it } from 'vitest'
import { parseYaml, writeYaml } from './yaml.ts'

describe('YAML', () => {
  it.each<[string, unknown]>([
    ['yes', true],
    ['Off', false],
    ['n', false],
    ['0644', 420],
    ['0o17', 15],
    ['0b11', 3],
    ['0x1F', 31],
    ['1_000', 1000],
    ['08', 8],
    ['1e3', 1000],
    ['1e400', '1e400'],
    ['190:20:30', '190:20:30'],
    ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z'],
    ['!!timestamp 2020-01-01', '2020-01-01'],
    ['!!binary aGk=', 'hi'],
    ['"yes"', 'yes'],
    ['100m', '100m'],
    ['~', null],
  ])('has %s for %j, as Kubernetes reads it', (text, value) => {
    expect(parseYaml(`a: ${text}\n`)).toEqual({ a: value })
  })

  it.each<[string, unknown]>([
    ['yes: x', { true: 'x' }],
    ['a: &b {c: 1}\nd:\n  <<: *b\n  e: 2', { a: { c: 1 }, d: { c: 1, e: 2 } }],
    ['---\na: 1\n---\nb: 2', { a: 1 }],
    ['a: 1\na: 2', { a: 2 }],
    ['# nothing', null],
    ['', null],
  ])('of %j is %j', (text, value) => expect(parseYaml(text)).toEqual(value))

  it.each(['.inf', '-.inf', '.nan'])('has no number %s, for JSON has none', (text) => {
    expect(() => parseYaml(`a: ${text}`)).toThrow(/json: unsupported value/)
  })

  it('is written so that it reads as what it was', () => {
    const texts = [
      'yes',
      'off',
      'n',
      '0644',
      '0o17',
      '0b11',
      '1_000',
      '12:30',
      '2020-01-01',
      '1e400',
      '<<',
      '',
      '~',
      'a: b',
    ]
    const value = {
      texts,
      y: 1,
      no: 2,
      numbers: [0, 1.5, 1e21],
      nothing: null,
      long: 'x '.repeat(100),
      lines: 'a\nb\n',
    }
    expect(parseYaml(writeYaml(value))).toEqual(value)
    expect(writeYaml({ a: 'yes' })).toBe('a: "yes"\n')
  })
})

import { describe, expect, it } from 'vitest'
import {
  everything,
  labelSelectorFrom,
  labelSelectorFromMap,
  nothing,
  parseLabelSelector,
  SelectorError,
} from './label-selector.ts'

const labels = { app: 'web', tier: 'front', size: '7', empty: '' }

describe('a selector in query syntax', () => {
  it.each([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web , tier=front', true],
    ['app=db', false],
    ['app!=db', true],
    ['missing!=x', true],
    ['app in (db,web)', true],
    ['app in (db)', false],
    ['app notin (db)', true],
    ['missing notin (db)', true],
    ['app', true],
    ['missing', false],
    ['!missing', true],
    ['! app', false],
    ['empty=', true],
    ['empty in ()', true],
    ['size>6', true],
    ['size<7', false],
    ['app>1', false],
    ['notin', false],
    ['in', false],
    ['app,!missing,size>1,tier in (front,back)', true],
    ['example.com/x!=1', true],
  ])('%j matches: %s', (text, matches) => expect(parseLabelSelector(text).matches(labels)).toBe(matches))

  it.each(['app=web,size>6', 'app in (a,b)', '!x', 'a!=b', 'x', 'a notin (b,c)', 'a=', 'a==b', 'size<3'])(
    '%j reads as it is written',
    (text) => expect(parseLabelSelector(text).toString()).toBe(text),
  )

  it('stands in the order of its keys', () => {
    expect(parseLabelSelector('z=1,a in (c,b)').toString()).toBe('a in (b,c),z=1')
  })

  it.each([
    [',', /expected: !, identifier, or 'end of string'/],
    ['a,', /found '', expected: identifier after ','/],
    ['a b', /unable to parse requirement: found 'b', expected: in, notin/],
    ['a in b', /expected: '\('/],
    ['a in (b', /expected: ',' or '\)'/],
    ['a=b c', /expected: ',' or 'end of string'/],
    ['a>b', /must be an integer/],
    ['-a=b', /name part must consist of/],
    ['a=-b', /a valid label must be an empty string or/],
    ['=b', /expected: !, identifier/],
  ])('%j is refused', (text, words) => {
    expect(() => parseLabelSelector(text)).toThrow(SelectorError)
    expect(() => parseLabelSelector(text)).toThrow(words)
  })
})

describe('a selector of a spec', () => {
  it('matches everything when empty and nothing when absent', () => {
    expect(labelSelectorFrom({}).matches({})).toBe(true)
    expect(labelSelectorFrom(undefined).matches(labels)).toBe(false)
    expect(everything.matches(undefined)).toBe(true)
    expect(nothing.matchesNothing).toBe(true)
  })

  it('joins labels and expressions', () => {
    const selector = labelSelectorFrom({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['front', 'back'] },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    })
    expect(selector.toString()).toBe('app=web,!old,tier in (back,front)')
    expect(selector.matches(labels)).toBe(true)
    expect(selector.matches({ ...labels, old: 'yes' })).toBe(false)
  })

  it.each([
    [{ key: 'a', operator: 'Like' }],
    [{ key: 'a', operator: 'In', values: [] }],
    [{ key: 'a', operator: 'Exists', values: ['b'] }],
  ])('refuses %o', (expression) => {
    expect(() => labelSelectorFrom({ matchExpressions: [expression] })).toThrow(SelectorError)
  })
})

it('a map selects by all of its labels', () => {
  const selector = labelSelectorFromMap({ app: 'web', tier: 'front' })
  expect(selector.matches(labels)).toBe(true)
  expect(selector.matches({ app: 'web' })).toBe(false)
})

it('labels named as members of every object are no labels', () => {
  expect(parseLabelSelector('constructor').matches({})).toBe(false)
})

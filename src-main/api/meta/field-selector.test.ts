import { describe, expect, it } from 'vitest'
import { fieldSelectorFromMap, parseFieldSelector } from './field-selector.ts'
import { SelectorError } from './label-selector.ts'

const fields: Record<string, string> = { 'metadata.name': 'web', 'spec.nodeName': '', odd: 'a,b=c\\' }
const read = (path: string): string | undefined => fields[path]

describe('a field selector', () => {
  it.each([
    ['', true],
    ['metadata.name=web', true],
    ['metadata.name==web', true],
    ['metadata.name!=web', false],
    ['metadata.name=web,spec.nodeName=', true],
    ['spec.nodeName!=', false],
    ['missing=', true],
    ['odd=a\\,b\\=c\\\\', true],
  ])('%j matches: %s', (text, matches) => expect(parseFieldSelector(text).matches(read)).toBe(matches))

  it('can be written down and read again', () => {
    const text = fieldSelectorFromMap({ odd: fields.odd ?? '' }).toString()
    expect(text).toBe('odd=a\\,b\\=c\\\\')
    expect(parseFieldSelector(text).matches(read)).toBe(true)
  })

  it.each(['metadata.name', 'a=b=c', 'a=\\b', 'a in (b)'])('%j is refused', (text) => {
    expect(() => parseFieldSelector(text)).toThrow(SelectorError)
  })
})

import { describe, expect, it } from 'vitest'
import { findEntries, type PaletteEntry } from './palette-entries.ts'

const entry = (title: string, hint: string): PaletteEntry => ({
  ...{ id: `${hint}/${title}`, title, hint, icon: 'pod' },
  run: () => undefined,
})
const entries = [entry('Pods', 'Page'), entry('web-1', 'Pod · shop'), entry('my-web', 'Pod · default')]
const find = (text: string): string[] => findEntries(entries, text).map(({ title }) => title)

describe('the command palette', () => {
  it.each([
    ['', ['Pods', 'web-1', 'my-web']],
    ['web', ['web-1', 'my-web']],
    ['web shop', ['web-1']],
    ['POD', ['Pods', 'web-1', 'my-web']],
    ['nothing', []],
  ])('finds for %j', (text, titles) => {
    expect(find(text)).toEqual(titles)
  })

  it('offers no more than can be looked at', () => {
    const many = Array.from({ length: 500 }, (_, index) => entry(`web-${index}`, 'Pod'))
    expect(findEntries(many, 'web')).toHaveLength(50)
  })
})

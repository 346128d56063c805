import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { problemOf, rows, tableText } from '../conformance/table.ts'

describe('the table of conformance entries', () => {
  it('names every entry of the release once for each time it stands there', () => {
    expect(Object.values(rows).flat()).toHaveLength(446)
  })

  it('names tests that exist', () => {
    expect(Object.values(rows).flatMap((list) => list.map(problemOf).filter((one) => one !== undefined))).toEqual([])
  })

  it('is what the page shows', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8')
    expect(page).toBe(tableText())
  })
})

import { describe, expect, it } from 'vitest'
import { FirstLine } from './first-line.ts'

async function pass(...chunks: string[]): Promise<{ line: string; rest: string }> {
  const stream = new FirstLine()
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  let rest = ''
  for await (const chunk of stream) rest += String(chunk)
  return { line: await stream.line, rest }
}

describe('taking the first line out', () => {
  it.each([
    [['12\nrest\nmore'], { line: '12', rest: 'rest\nmore' }],
    [['1', '2', '\n', 'rest'], { line: '12', rest: 'rest' }],
    [['12\n'], { line: '12', rest: '' }],
    [['12'], { line: '12', rest: '' }],
    [[], { line: '', rest: '' }],
  ])('of %j', async (chunks, expected) => {
    expect(await pass(...chunks)).toEqual(expected)
  })
})

import { describe, expect, it } from 'vitest'
import { cleanLine, LogLines } from './log-lines.ts'

const all = (log: LogLines): string[] => log.chunks.flatMap(({ lines }) => lines)

describe('the lines of a log', () => {
  it('come together from pieces of any size', () => {
    const log = new LogLines()
    for (const piece of ['he', 'llo\nwo', 'rld\n', 'no end']) log.add(piece)
    expect(all(log)).toEqual(['hello', 'world'])
    log.finish()
    expect(all(log)).toEqual(['hello', 'world', 'no end'])
  })

  it('are bounded: the oldest go, and are counted', () => {
    const log = new LogLines({ linesPerChunk: 10, chunks: 3 })
    log.add(Array.from({ length: 45 }, (_, line) => `${line}\n`).join(''))
    expect(all(log)).toHaveLength(25)
    expect(all(log)[0]).toBe('20')
    expect(log.dropped).toBe(20)
  })

  it('keep chunks that did not change, so that they need not be drawn again', () => {
    const log = new LogLines({ linesPerChunk: 2, chunks: 9 })
    log.add('a\nb\nc\n')
    const [first] = log.chunks
    log.add('d\n')
    expect(log.chunks[0]).toBe(first)
    expect(log.chunks.map(({ lines }) => lines)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  it.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['10%\r50%\r100%', '100%'],
    ['windows\r', 'windows'],
    ['a\u001b]0;title\u0007b', 'ab'],
    ['tab\tstays', 'tab\tstays'],
  ])('show %j as %j', (line, shown) => {
    expect(cleanLine(line)).toBe(shown)
  })
})

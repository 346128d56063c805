import { describe, expect, it } from 'vitest'
import { endOfPrefix, keyOfText, textOfKey } from './key-text.ts'

const keys = [
  '',
  'a',
  'é',
  '\ud7fe',
  '\ud7ff',
  '\ud7ffa',
  '\ud7ff\ud7ff',
  '\ud800',
  '\u{1f600}',
  '\udfff',
  '\ue000',
  '\uffff',
  '\uffffa',
]
const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other))

describe('the text of a key', () => {
  it('leads back to the key, also where it is no well-formed text', () => {
    expect(keys.map((key) => keyOfText(textOfKey(key)))).toEqual(keys)
    expect(keys.every((key) => textOfKey(key).isWellFormed())).toBe(true)
  })

  it('is sorted by its bytes as keys are by their code units', () => {
    expect(keys.map(textOfKey).sort(byBytes).map(keyOfText)).toEqual([...keys].sort())
  })

  it('keeps prefixes, below their end', () => {
    for (const prefix of keys)
      for (const key of keys) {
        const inRange =
          byBytes(textOfKey(key), textOfKey(prefix)) >= 0 && byBytes(textOfKey(key), endOfPrefix(textOfKey(prefix))) < 0
        expect(inRange).toBe(key.startsWith(prefix))
      }
  })
})

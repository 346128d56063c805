import { describe, expect, it } from 'vitest'
import { noteOf } from './reports.ts'

describe('the note of an event', () => {
  it.each<[string, string, string]>([
    ['is the message', 'no nodes available to schedule pods', 'no nodes available to schedule pods'],
    ['may have 1024 bytes', 'x'.repeat(1024), 'x'.repeat(1024)],
    ['is cut when it is longer', 'x'.repeat(1025), `${'x'.repeat(1020)} ...`],
    ['is not cut within a character', `${'x'.repeat(1019)}é${'y'.repeat(9)}`, `${'x'.repeat(1019)} ...`],
  ])('%s', (_what, message, note) => expect(noteOf(message)).toBe(note))
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startTestServer } from '../support/api-server.ts'
import { replayed, sessionOn, type RecordedRequest } from '../support/recorded-requests.ts'

/** What real clients sent in a session (`scripts/record-requests.ts`), sent again in the same order to a new server. */
const recordsOf = (name: string): readonly RecordedRequest[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/recorded', name), 'utf8')) as RecordedRequest[]

describe('a recorded session', () => {
  it.each([
    ['kubectl-1.33.json', 70],
    ['kubectl-1.36.json', 75],
    ['client-node.json', 11],
  ])('of %s is answered as before', async (name, atLeast) => {
    const lab = await startTestServer()
    const session = await sessionOn(lab)
    const records = recordsOf(name)
    expect(records.length).toBeGreaterThanOrEqual(atLeast)
    for (const one of records) {
      const answer = await replayed(session, one)
      expect({ request: `${one.method} ${one.target}`, ...answer }).toEqual({
        request: `${one.method} ${one.target}`,
        ...one.answer,
      })
    }
    await lab.server.dispose()
  })
})

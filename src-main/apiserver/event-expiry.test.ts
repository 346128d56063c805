import { describe, expect, it } from 'vitest'
import { event } from '../api/kinds/core/event.ts'
import { microTimestamp } from '../lib/clock.ts'
import { startTestServer } from '../../test/support/api-server.ts'

describe('an event', () => {
  it('is gone an hour after it last happened', async () => {
    const { client, clock } = await startTestServer()
    const anEvent = (name: string, lastMs: number) => ({
      metadata: { name, namespace: 'default' },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
      eventTime: microTimestamp(clock.now()),
      series: { count: 2, lastObservedTime: microTimestamp(lastMs) },
      ...{ action: 'Test', reason: 'Test', reportingComponent: 'test', reportingInstance: 'test', type: 'Normal' },
    })
    await client.create(event, anEvent('old', clock.now()))
    await client.create(event, anEvent('young', clock.now() + 1_800_000))
    await clock.advance(3_900_000)
    expect((await client.list(event)).items.map(({ metadata }) => metadata.name)).toEqual(['young'])
  })
})

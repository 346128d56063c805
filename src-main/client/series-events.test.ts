import { describe, expect, it } from 'vitest'
import { notFound } from '../api/errors.ts'
import type { Event } from '../api/types/core-v1.ts'
import { createLog } from '../lib/log.ts'
import { seededRandom } from '../lib/random.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
import type { ApiRequest } from './client.ts'
import { createClient } from './resource-client.ts'
import { createSeriesRecorder, noteOf } from './series-events.ts'

const web = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '7', creationTimestamp: '' },
}
const later = { ...web, metadata: { ...web.metadata, resourceVersion: '8' } }

function setup(answer: (request: ApiRequest) => unknown = () => ({})) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1))
  const requests: ApiRequest[] = []
  const client = createClient({
    async request(request) {
      requests.push(request)
      return answer(request)
    },
    async *watch() {
      yield* []
    },
  })
  const log = createLog(
    'test',
    () => clock.now(),
    () => undefined,
  )
  const component = 'default-scheduler'
  const recorder = createSeriesRecorder({
    ...{ client, clock, log, component, host: `${component}-here`, random: seededRandom(1) },
  })
  const fail = (object = web): void =>
    recorder.event(object, 'Warning', 'FailedScheduling', 'no room', { action: 'Scheduling' })
  return { clock, requests, recorder, fail, bodies: () => requests.map(({ body }) => body as Event) }
}

describe('events with series', () => {
  it('state their time, the action and who reports', async () => {
    const { recorder, fail, bodies } = setup()
    fail()
    await recorder.flush()
    expect(bodies()).toEqual([
      expect.objectContaining({
        ...{ type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message: 'no room' },
        ...{ eventTime: '2026-01-01T00:00:00.000000Z', reportingComponent: 'default-scheduler' },
        reportingInstance: 'default-scheduler-here',
        involvedObject: expect.objectContaining({ kind: 'Pod', name: 'web', uid: 'u1', resourceVersion: '7' }),
      }),
    ])
    for (const old of ['source', 'count', 'firstTimestamp', 'lastTimestamp'])
      expect(bodies()[0]).not.toHaveProperty(old)
  })

  it('name the other object that had a part in it', async () => {
    const { recorder, bodies } = setup()
    recorder.event(web, 'Normal', 'Preempted', 'by another', { action: 'Preempting', related: later })
    await recorder.flush()
    expect(bodies()[0]).toMatchObject({ related: { kind: 'Pod', name: 'web', resourceVersion: '8' } })
  })

  it('begin a series with the second, and write it when it ends', async () => {
    const { clock, recorder, fail, requests, bodies } = setup()
    for (let times = 0; times < 4; times++) fail()
    await recorder.flush()
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'PATCH'])
    expect(bodies()[1]?.series?.count).toBe(2)
    await clock.advance(6 * 60_000)
    await recorder.flush()
    expect(bodies().map(({ series }) => series?.count)).toEqual([undefined, 2, 4])
  })

  it('begin anew for another state of the object', async () => {
    const { recorder, fail, requests } = setup()
    fail()
    fail(later)
    await recorder.flush()
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'POST'])
  })

  it('are written again when the server has forgotten them', async () => {
    const { recorder, fail, requests } = setup(({ method }) => {
      if (method === 'PATCH') throw notFound({ group: '', plural: 'events' }, 'web.1')
      return {}
    })
    fail()
    fail()
    await recorder.flush()
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST'])
  })
})

describe('the note of an event', () => {
  it.each<[string, string, string]>([
    ['is the message', 'no nodes available to schedule pods', 'no nodes available to schedule pods'],
    ['may have 1024 bytes', 'x'.repeat(1024), 'x'.repeat(1024)],
    ['is cut when it is longer', 'x'.repeat(1025), `${'x'.repeat(1020)} ...`],
    ['is not cut within a character', `${'x'.repeat(1019)}é${'y'.repeat(9)}`, `${'x'.repeat(1019)} ...`],
  ])('%s', (_what, message, note) => expect(noteOf(message)).toBe(note))
})

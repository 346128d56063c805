import { describe, expect, it } from 'vitest'
import { notFound } from '../api/errors.ts'
import type { Event } from '../api/types/core-v1.ts'
import { createLog } from '../lib/log.ts'
import { seededRandom } from '../lib/random.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
import type { ApiRequest } from './client.ts'
import { createEventRecorder } from './events.ts'
import { createClient } from './resource-client.ts'

const web = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '7', creationTimestamp: '' },
}

function setup(answer: (request: ApiRequest) => unknown = () => ({})) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1))
  const requests: ApiRequest[] = []
  const lines: string[] = []
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
    ({ message }) => lines.push(message),
  )
  const recorder = createEventRecorder({
    client,
    component: 'kubelet',
    host: 'node-1',
    clock,
    random: seededRandom(1),
    log,
  })
  return { clock, requests, lines, recorder, bodies: () => requests.map(({ body }) => body as Event) }
}

describe('an event recorder', () => {
  it('writes an event beside its object', async () => {
    const { requests, recorder, bodies } = setup()
    recorder.event(web, 'Normal', 'Started', 'Started container web', { fieldPath: 'spec.containers{web}' })
    await recorder.flush()
    expect(requests[0]).toMatchObject({ method: 'POST', path: '/api/v1/namespaces/shop/events' })
    expect(bodies()[0]).toMatchObject({
      kind: 'Event',
      metadata: { name: expect.stringMatching(/^web\.[0-9a-f]{15}$/), namespace: 'shop' },
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        name: 'web',
        namespace: 'shop',
        uid: 'u1',
        resourceVersion: '7',
        fieldPath: 'spec.containers{web}',
      },
      type: 'Normal',
      reason: 'Started',
      message: 'Started container web',
      count: 1,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      source: { component: 'kubelet', host: 'node-1' },
      reportingComponent: 'kubelet',
      reportingInstance: 'node-1',
    })
  })

  it('writes events of cluster-scoped objects into the default namespace', async () => {
    const { requests, recorder } = setup()
    recorder.event({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'one' } }, 'Warning', 'Lost', 'no heartbeat')
    await recorder.flush()
    expect(requests[0]?.path).toBe('/api/v1/namespaces/default/events')
    expect(requests[0]?.body).not.toHaveProperty('involvedObject.namespace')
  })

  it('raises the count of the same event, whatever the revision of its object', async () => {
    const { clock, requests, recorder, bodies } = setup()
    recorder.event(web, 'Warning', 'BackOff', 'waiting')
    await clock.advance(60_000)
    recorder.event({ ...web, metadata: { ...web.metadata, resourceVersion: '9' } }, 'Warning', 'BackOff', 'waiting')
    recorder.event(web, 'Warning', 'BackOff', 'waiting')
    recorder.event(web, 'Warning', 'BackOff', 'another message')
    await recorder.flush()
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH', 'POST'])
    expect(requests[1]?.path).toBe(`/api/v1/namespaces/shop/events/${bodies()[0]?.metadata.name}`)
    expect(bodies()[1]).toEqual({ count: 2, lastTimestamp: '2026-01-01T00:01:00Z' })
    expect(bodies()[2]).toMatchObject({ count: 3 })
  })

  it('begins anew when the server has forgotten the event', async () => {
    const { requests, recorder } = setup(({ method }) => {
      if (method === 'PATCH') throw notFound({ group: '', plural: 'events' }, 'web.1')
      return {}
    })
    recorder.event(web, 'Warning', 'BackOff', 'waiting')
    recorder.event(web, 'Warning', 'BackOff', 'waiting')
    await recorder.flush()
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST'])
  })

  it('logs what cannot be written, and never bothers its caller', async () => {
    const { lines, recorder } = setup(() => {
      throw new Error('the server is away')
    })
    expect(() => recorder.event(web, 'Normal', 'Started', 'x')).not.toThrow()
    await recorder.flush()
    expect(lines).toEqual(['an event could not be written: the server is away'])
  })

  it('lets only so many wait', async () => {
    const { lines, requests, recorder } = setup()
    for (let number = 0; number < 1100; number++) recorder.event(web, 'Normal', 'Started', `number ${number}`)
    await recorder.flush()
    expect(requests).toHaveLength(1000)
    expect(lines).toHaveLength(100)
  })
})

import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { Recorder } from './recorder.ts'

const web = {
  'k8s.object.kind': 'Pod',
  'k8s.namespace.name': 'default',
  'k8s.object.name': 'web',
}
const webName = { kind: 'Pod', namespace: 'default', name: 'web' }

describe('Recorder', () => {
  it('finds the spans of one object, oldest first, with their durations', async () => {
    const clock = new VirtualClock()
    const recorder = new Recorder(clock)
    const running = recorder.probe('kubelet').span('start', web, () => clock.sleep(40))
    await clock.advance(40)
    await running
    recorder.probe('scheduler').span('schedule', { ...web, 'k8s.object.name': 'other' }, () => 1)
    expect(recorder.of(webName)).toMatchObject([{ name: 'start', component: 'kubelet', durationMs: 40 }])
  })

  it('ties an inner span to the object of the span around it, also when its name becomes known late', async () => {
    const recorder = new Recorder(new VirtualClock())
    const probe = recorder.probe('apiserver')
    await probe.span('create', { 'k8s.object.kind': 'Pod', 'k8s.namespace.name': 'default' }, async (addFacts) => {
      addFacts({ 'k8s.object.name': 'web' })
      await Promise.resolve()
      probe.span('commit', {}, () => undefined)
    })
    expect(
      recorder
        .of(webName)
        .map((span) => span.name)
        .sort(),
    ).toEqual(['commit', 'create'])
  })

  it('records a failure with its message and passes the error on', async () => {
    const recorder = new Recorder(new VirtualClock())
    const failing = recorder.probe('kubelet').span('pull', web, () => Promise.reject(new Error('no such image')))
    await expect(failing).rejects.toThrow('no such image')
    expect(recorder.of(webName)[0]?.error).toBe('no such image')
  })

  it('forgets the oldest spans when it is full', () => {
    const recorder = new Recorder(new VirtualClock(), 2)
    const probe = recorder.probe('test')
    probe.span('first', web, () => undefined)
    probe.span('second', {}, () => undefined)
    probe.span('third', {}, () => undefined)
    expect(recorder.of(webName)).toEqual([])
    expect(recorder.objects('Pod')).toEqual([])
  })
})

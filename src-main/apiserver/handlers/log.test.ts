import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { ContainerStatus, Pod, PodSpec } from '../../api/types/core-v1.ts'
import type { LogOptions, NodeAgents } from '../node-agent.ts'
import type { ServerRequest } from '../request.ts'
import { handleLog } from './log.ts'

function aPod(spec: Partial<PodSpec> = {}, containerStatuses: ContainerStatus[] = []): Live<Pod> {
  return {
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { nodeName: 'worker-1', containers: [{ name: 'main' }], ...spec },
    status: { phase: 'Running', containerStatuses },
  }
}
const aStatus = (state: ContainerStatus['state'], lastState?: ContainerStatus['lastState']): ContainerStatus => ({
  ...{ name: 'main', image: '', imageID: '', ready: false, restartCount: 0, state },
  ...(lastState === undefined ? {} : { lastState }),
})
const aRequest = (query: string): ServerRequest => ({
  method: 'GET',
  path: '/',
  query: new URLSearchParams(query),
  headers: {},
  body: { type: 'none' },
  peer: undefined,
  signal: new AbortController().signal,
})

let asked: { container: string; options: LogOptions } | undefined
const agents: NodeAgents = (node) =>
  node === 'worker-1'
    ? {
        logs: ({ container }, options) => {
          asked = { container, options }
          return Promise.resolve(Readable.from(['hello\n']))
        },
        exec: () => Promise.reject(new Error('unused')),
        attach: () => Promise.reject(new Error('unused')),
        dial: () => Promise.reject(new Error('not asked for')),
        usage: () => Promise.resolve([]),
        portForward: () => Promise.reject(new Error('unused')),
      }
    : undefined

async function logOf(pod: Live<Pod>, query = ''): Promise<string> {
  const answer = await handleLog(pod, aRequest(query), agents)
  if (answer.type !== 'stream') throw new Error(`a ${answer.type} is no log`)
  return text(answer.stream)
}

describe('the log of a pod', () => {
  it('is that of its only container, with every option passed on', async () => {
    const query = 'follow=true&timestamps=1&tailLines=0&sinceSeconds=5&limitBytes=100'
    expect(await logOf(aPod(), query)).toBe('hello\n')
    expect(asked).toEqual({
      container: 'main',
      options: { follow: true, timestamps: true, previous: false, tailLines: 0, sinceSeconds: 5, limitBytes: 100 },
    })
  })

  it('wants a name where there are several containers, and lists them', async () => {
    const pod = aPod({ containers: [{ name: 'main' }, { name: 'side' }], initContainers: [{ name: 'setup' }] })
    await expect(logOf(pod)).rejects.toMatchObject({
      code: 400,
      message:
        'a container name must be specified for pod web, choose one of: [main side] or one of the init containers: [setup]',
    })
    expect(await logOf(pod, 'container=setup')).toBe('hello\n')
  })

  it('knows no container of another name', async () => {
    await expect(logOf(aPod(), 'container=nope')).rejects.toThrow('container nope is not valid for pod web')
  })

  it('is empty before a node has the pod', async () => {
    expect(await logOf(aPod({ nodeName: '' }))).toBe('')
  })

  it('says that a container has not started, and why', async () => {
    const pod = aPod({}, [aStatus({ waiting: { reason: 'ContainerCreating' } })])
    await expect(logOf(pod)).rejects.toThrow('container "main" in pod "web" is waiting to start: ContainerCreating')
  })

  it('is still there while a container waits for its next start', async () => {
    const ended = { terminated: { exitCode: 1 } }
    expect(await logOf(aPod({}, [aStatus({ waiting: { reason: 'CrashLoopBackOff' } }, ended)]))).toBe('hello\n')
  })

  it('of the run before needs such a run', async () => {
    const first = aPod({}, [aStatus({ running: {} })])
    await expect(logOf(first, 'previous=true')).rejects.toThrow(
      'previous terminated container "main" in pod "web" not found',
    )
    expect(await logOf(aPod({}, [aStatus({ running: {} }, { terminated: { exitCode: 1 } })]), 'previous=true')).toBe(
      'hello\n',
    )
  })

  it.each([
    ['tailLines=-1', 'tailLines', 422],
    ['limitBytes=0', 'limitBytes', 422],
    ['sinceSeconds=0', 'sinceSeconds', 422],
    ['sinceTime=yesterday', 'sinceTime', 422],
    ['sinceTime=2026-01-01T00:00:00Z&sinceSeconds=3', 'sinceSeconds', 422],
    ['tailLines=some', 'tailLines', 400],
  ])('refuses %s', async (query, field, code) => {
    await expect(logOf(aPod(), query)).rejects.toMatchObject({ code, message: expect.stringContaining(field) })
  })

  it('says that the node cannot be reached', async () => {
    await expect(logOf(aPod({ nodeName: 'worker-9' }))).rejects.toMatchObject({
      code: 503,
      message: expect.stringContaining('worker-9'),
    })
  })
})

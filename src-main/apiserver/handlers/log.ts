/** `GET pods/<name>/log`. */
import { Readable } from 'node:stream'
import { badRequest, invalidObject } from '../../api/errors.ts'
import { invalid, type FieldError } from '../../api/field-error.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { isTrue } from '../filters/request-info.ts'
import type { LogOptions, NodeAgents } from '../node-agent.ts'
import type { Answer, ServerRequest } from '../request.ts'
import { agentOf, chooseContainer, containerAddress, containerStatus } from './pod-container.ts'

/** A container's log as plain text, as it grows when `follow` is set. */
export async function handleLog(pod: Live<Pod>, request: ServerRequest, agents: NodeAgents): Promise<Answer> {
  const { query, signal } = request
  const container = chooseContainer(pod, query.get('container'))
  const options = logOptions(pod.metadata.name, query)
  const nodeName = pod.spec?.nodeName ?? ''
  // A pod that no node has yet has said nothing.
  if (nodeName === '') return textStream(Readable.from([]))
  refuseWithoutLog(pod, container, options.previous)
  const agent = agentOf(pod, nodeName, agents)
  return textStream(await agent.logs(containerAddress(pod, container), options, signal))
}

const textStream = (stream: Readable): Answer => ({ type: 'stream', contentType: 'text/plain', stream })

function refuseWithoutLog(pod: Live<Pod>, container: string, previous: boolean): void {
  const status = containerStatus(pod, container)
  const where = `container "${container}" in pod "${pod.metadata.name}"`
  if (previous) {
    if (status?.lastState?.terminated === undefined) throw badRequest(`previous terminated ${where} not found`)
    return
  }
  const waiting = status?.state?.waiting
  const ran = status?.state?.terminated ?? status?.lastState?.terminated
  if (waiting !== undefined && ran === undefined)
    throw badRequest(`${where} is waiting to start: ${waiting.message ?? waiting.reason ?? 'no reason given'}`)
}

/** Throws `Invalid` with the field that is wrong. */
export function logOptions(podName: string, query: URLSearchParams): LogOptions {
  const errors: FieldError[] = []
  const number = (field: string, minimum: number): number | undefined => {
    const text = query.get(field)
    if (text === null || text === '') return undefined
    const value = Number(text)
    if (!Number.isSafeInteger(value)) throw badRequest(`${field} must be a whole number, not ${JSON.stringify(text)}`)
    if (value < minimum) errors.push(invalid(field, value, `must be greater than or equal to ${minimum}`))
    return value
  }
  const sinceTime = query.get('sinceTime') ?? ''
  const numbers = {
    tailLines: number('tailLines', 0),
    sinceSeconds: number('sinceSeconds', 1),
    limitBytes: number('limitBytes', 1),
  }
  if (sinceTime !== '' && Number.isNaN(Date.parse(sinceTime)))
    errors.push(invalid('sinceTime', sinceTime, 'must be a time as in RFC 3339'))
  if (sinceTime !== '' && numbers.sinceSeconds !== undefined)
    errors.push(
      invalid('sinceSeconds', numbers.sinceSeconds, 'at most one of `sinceTime` or `sinceSeconds` may be specified'),
    )
  if (errors.length > 0) throw invalidObject({ group: '', kind: 'PodLogOptions' }, podName, errors)
  return {
    follow: flag(query, 'follow'),
    timestamps: flag(query, 'timestamps'),
    previous: flag(query, 'previous'),
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
    ...(sinceTime === '' ? {} : { sinceTime }),
  }
}

const flag = (query: URLSearchParams, name: string): boolean => isTrue(query.get(name))

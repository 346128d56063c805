/** Asks a container once how it is. */
import { request } from 'node:http'
import { connect as connectTls } from 'node:tls'
import { PassThrough, type Duplex } from 'node:stream'
import type {
  Container,
  GRPCAction,
  HTTPGetAction,
  LifecycleHandler,
  Probe,
  TCPSocketAction,
} from '../../api/types/core-v1.ts'
import type { Machine } from '../../machines/machine.ts'
import type { ContainerRuntime } from '../runtime/runtime.ts'
import { grpcHealth } from './grpc-check.ts'

export interface CheckTarget {
  readonly container: Container
  readonly containerId: string
  readonly podAddress: string
}

/** What a probe or a hook may ask; hooks know no gRPC. */
export type Check = LifecycleHandler & Pick<Probe, 'grpc'>

/** `output` is what the user is shown of a failure. */
export type CheckResult = { readonly healthy: true } | { readonly healthy: false; readonly output: string }

export interface Checker {
  /** Never rejects: what cannot be asked is not healthy. */
  check(handler: Check, target: CheckTarget, signal: AbortSignal): Promise<CheckResult>
}

const healthy: CheckResult = { healthy: true }
const failed = (output: string): CheckResult => ({ healthy: false, output })
const outputLimit = 1024

export function createChecker(runtime: ContainerRuntime, machine: Machine): Checker {
  return {
    async check(handler, target, signal) {
      const { grpc } = handler
      try {
        if (handler.exec !== undefined) return await checkCommand(runtime, handler.exec.command ?? [], target, signal)
        if (handler.httpGet !== undefined) return await checkHttp(machine, handler.httpGet, target, signal)
        if (handler.tcpSocket !== undefined) return await checkTcp(machine, handler.tcpSocket, target)
        if (grpc !== undefined) return await checkGrpc(machine, grpc, target, signal)
        return failed('a check of this kind is not supported on this node')
      } catch (error) {
        if (signal.aborted) return failed('timed out')
        return failed(error instanceof Error ? error.message : String(error))
      }
    },
  }
}

/** Simulated containers are as healthy as they can be. */
export const simulatedChecker: Checker = { check: () => Promise.resolve(healthy) }

async function checkCommand(
  runtime: ContainerRuntime,
  command: readonly string[],
  { containerId }: CheckTarget,
  signal: AbortSignal,
): Promise<CheckResult> {
  const output = new PassThrough()
  let text = ''
  output.on('data', (chunk: Buffer) => (text = (text + chunk.toString('utf8')).slice(0, outputLimit)))
  const code = await runtime.exec(containerId, command, { stdout: output, stderr: output, tty: false }, signal)
  if (signal.aborted) return failed(`command ${JSON.stringify(command.join(' '))} timed out`)
  return code === 0 ? healthy : failed(text)
}

async function checkTcp(machine: Machine, { host, port }: TCPSocketAction, target: CheckTarget): Promise<CheckResult> {
  const socket = await machine.openTcp(host ?? target.podAddress, portNumber(port, target.container))
  socket.on('error', () => undefined)
  socket.destroy()
  return healthy
}

async function checkGrpc(
  machine: Machine,
  { port, service = '' }: GRPCAction,
  { podAddress }: CheckTarget,
  signal: AbortSignal,
): Promise<CheckResult> {
  const socket = await machine.openTcp(podAddress, port)
  try {
    const problem = await grpcHealth(socket, `${podAddress}:${port}`, service, signal)
    return problem === undefined ? healthy : failed(problem)
  } finally {
    socket.destroy()
  }
}

async function checkHttp(
  machine: Machine,
  action: HTTPGetAction,
  target: CheckTarget,
  signal: AbortSignal,
): Promise<CheckResult> {
  const host = action.host ?? target.podAddress
  const port = portNumber(action.port, target.container)
  const plain = await machine.openTcp(host, port)
  const socket = action.scheme === 'HTTPS' ? await secure(plain) : plain
  try {
    const status = await statusOf(socket, `${host}:${port}`, action, signal)
    if (status >= 200 && status < 400) return healthy
    return failed(`HTTP probe failed with statuscode: ${status}`)
  } finally {
    socket.destroy()
    plain.destroy()
  }
}

/** A pod's certificate is its own business: the check is whether it answers. */
async function secure(plain: Duplex): Promise<Duplex> {
  const socket = connectTls({ socket: plain, rejectUnauthorized: false })
  await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  return socket
}

function statusOf(socket: Duplex, hostHeader: string, action: HTTPGetAction, signal: AbortSignal): Promise<number> {
  const headers: Record<string, string> = {
    Host: hostHeader,
    'User-Agent': 'kube-probe/1.36',
    Accept: '*/*',
    Connection: 'close',
  }
  for (const { name, value } of action.httpHeaders ?? []) headers[name] = value
  const path = action.path ?? '/'
  return new Promise((resolve, reject) => {
    const outgoing = request({
      createConnection: () => socket,
      path: path.startsWith('/') ? path : `/${path}`,
      headers,
      signal,
    })
    outgoing.on('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

/** A port by its number, or by the name that the container gives it. */
export function portNumber(port: number | string, { ports = [], name }: Container): number {
  if (typeof port === 'number') return port
  const named = ports.find((one) => one.name === port)?.containerPort
  const number = named ?? Number(port)
  if (!Number.isInteger(number) || number < 1) throw new Error(`container ${name} has no port named ${port}`)
  return number
}

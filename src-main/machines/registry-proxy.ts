/**
 * Lets a worker that has no way out of its lab pull images: its Docker asks a proxy on its own loopback, which sshd
 * forwards to the app, which connects. Nothing of the host's network or firewall is changed for it.
 */
import { lookup } from 'node:dns/promises'
import net, { BlockList } from 'node:net'
import type { Duplex } from 'node:stream'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { MachineError, type Machine } from './machine.ts'

export interface RegistryProxyOptions {
  readonly machine: Machine
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** For tests; by default the host's resolver and sockets. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
  readonly connect?: (address: string, port: number) => Promise<Duplex>
}

/** On the worker's loopback. */
export const registryProxyPort = 10_298

const registryPort = 443
const headerLimitBytes = 8_192
const headerWithinMs = 10_000
const listenBackoff = { initialMs: 500, maximumMs: 10_000 }

/** A worker must not reach what listens on the host for the host alone. */
const hostOnly = new BlockList()
hostOnly.addSubnet('0.0.0.0', 8)
hostOnly.addSubnet('127.0.0.0', 8)
hostOnly.addSubnet('169.254.0.0', 16)
hostOnly.addAddress('::', 'ipv6')
hostOnly.addAddress('::1', 'ipv6')
hostOnly.addSubnet('fe80::', 10, 'ipv6')

/** Serves for as long as the machine is not disposed; a port that is taken is tried again. Resolves when it listens. */
export async function serveRegistryProxy(options: RegistryProxyOptions): Promise<void> {
  const { machine, clock, random, log } = options
  const backoff = new Backoff(listenBackoff, random)
  for (;;) {
    try {
      await machine.listenTcp(registryProxyPort, (socket) => void serve(socket, options))
      return
    } catch (error) {
      if (error instanceof MachineError && error.code === 'Disposed') return
      log.warn('the worker cannot pull images yet', { machine: machine.name, cause: describeError(error) })
      await clock.sleep(backoff.next())
    }
  }
}

async function serve(socket: Duplex, options: RegistryProxyOptions): Promise<void> {
  const late = options.clock.after(headerWithinMs, () => socket.destroy())
  // A connection that breaks ends both sides; there is nobody else to tell.
  socket.on('error', () => undefined)
  try {
    const { host, rest } = await readRequest(socket)
    const far = await reach(host, options)
    far.on('error', () => socket.destroy())
    far.on('close', () => socket.destroy())
    socket.on('close', () => far.destroy())
    socket.write('HTTP/1.1 200 Connected\r\n\r\n')
    far.write(rest)
    socket.pipe(far).pipe(socket)
  } catch (error) {
    // Docker shows the words behind the code to whoever asked for the image.
    socket.end(`HTTP/1.1 502 ${describeError(error).replaceAll(/[\r\n]+/g, ' ')}\r\n\r\n`)
  } finally {
    void late.dispose()
  }
}

/** The host of `CONNECT host:443`, and what came after the request. */
export function parseRequest(head: string): string {
  const [, host, port] = /^CONNECT \[?([\w.:-]+?)\]?:(\d+) HTTP\/1\.[01]\r\n/.exec(head) ?? []
  if (host === undefined) throw new MachineError('Failed', 'only connections to registries are passed on')
  if (Number(port) !== registryPort) throw new MachineError('Failed', `port ${port ?? ''} is not that of a registry`)
  return host
}

function readRequest(socket: Duplex): Promise<{ host: string; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0)
    const closed = (): void => reject(new MachineError('Failed', 'the request ended early'))
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0 && head.length <= headerLimitBytes) return
      socket.off('data', read).off('close', closed).pause()
      try {
        resolve({ host: parseRequest(head.toString('latin1', 0, end + 2)), rest: head.subarray(end + 4) })
      } catch (error) {
        reject(error)
      }
    }
    socket.on('data', read).once('close', closed)
  })
}

async function reach(
  host: string,
  { resolve = hostResolve, connect = hostConnect }: RegistryProxyOptions,
): Promise<Duplex> {
  let addresses: readonly string[]
  try {
    addresses = net.isIP(host) === 0 ? await resolve(host) : [host]
  } catch {
    throw new MachineError('Unreachable', `this computer does not find ${host}`)
  }
  const allowed = addresses.filter((address) => !hostOnly.check(address, net.isIPv6(address) ? 'ipv6' : 'ipv4'))
  if (allowed.length === 0) throw new MachineError('Failed', `${host} is this computer itself`)
  for (const address of allowed) {
    try {
      return await connect(address, registryPort)
    } catch {
      // The next address may answer; when none does, that is what is said.
    }
  }
  throw new MachineError('Unreachable', `this computer does not reach ${host}`)
}

async function hostResolve(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}

function hostConnect(address: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: address, port, timeout: headerWithinMs })
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    socket.once('error', fail)
    socket.once('timeout', () => fail(new Error(`${address} does not answer`)))
    socket.once('connect', () => {
      socket.off('error', fail).setTimeout(0)
      resolve(socket)
    })
  })
}

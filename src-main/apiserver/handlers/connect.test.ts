import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { kubectlVersions } from '../../../test/support/kubectl.ts'
import { aStoredPod, podServer, podsPath } from '../../../test/support/pod-server.ts'
import { openTlsLab, type TlsLab } from '../../../test/support/tls-lab.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { ContainerAddress, LogOptions, NodeAgent } from '../node-agent.ts'
import { handleConnect, type ConnectSubresource } from './connect.ts'
import { handleLog } from './log.ts'

interface Call {
  readonly container: ContainerAddress
  readonly command?: readonly string[]
  readonly options?: LogOptions
}

const calls: Call[] = []

/** A node on which `cat` echoes, `exit N` exits with N, `sizes` tells the terminal's first size and `flood` says a lot. */
const agent: NodeAgent = {
  usage: () => Promise.resolve([]),
  logs(container, options) {
    calls.push({ container, options })
    return Promise.resolve(Readable.from([Buffer.from('line 1\n'), Buffer.from('line 2\n')]))
  },
  async exec(container, command, { stdin, stdout, stderr, resize }, signal) {
    calls.push({ container, command })
    const [name, argument = ''] = command
    switch (name) {
      case 'cat':
        if (stdin !== undefined && stdout !== undefined) await pipeline(stdin, stdout, { end: false, signal })
        return 0
      case 'exit':
        stderr?.write('leaving\n')
        return Number(argument)
      case 'sizes':
        if (resize !== undefined)
          for await (const { columns, rows } of resize) {
            stdout?.write(`${columns}x${rows}`)
            break
          }
        return 0
      case 'flood': {
        const block = Buffer.alloc(64 * 1024, 'x')
        for (let sent = 0; sent < Number(argument); sent += block.length)
          if (stdout?.write(block) === false) await once(stdout, 'drain')
        return 0
      }
      default:
        throw new Error(`no program ${String(name)} here`)
    }
  },
  async attach(container, { stdout }) {
    calls.push({ container })
    stdout?.write('attached\n')
    await Promise.resolve()
  },
  dial: () => Promise.reject(new Error('not asked for')),
  portForward: (_pod, port) => {
    const server = port === 80 ? echo : port === 8080 ? hasty : undefined
    if (server === undefined) return Promise.reject(new Error(`nothing listens on port ${port}`))
    return Promise.resolve(
      connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true }),
    )
  },
}

/** What listens on port 80 of the pod. */
const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
/** What listens on port 8080: answers a request and closes first, as simple web servers do. */
const hasty = createServer((socket) => socket.once('data', () => socket.end('x'.repeat(100_000))))

const web = aStoredPod('web-1', 5).object as unknown as Live<Pod>
const handler = podServer(['web-1'], (request) => {
  const subresource = request.path.slice(`${podsPath}/web-1/`.length)
  if (!request.path.startsWith(`${podsPath}/web-1/`)) return Promise.resolve(undefined)
  return subresource === 'log'
    ? handleLog(web, request, () => agent)
    : handleConnect(subresource as ConnectSubresource, web, request, () => agent)
})

let lab: TlsLab
beforeAll(async () => {
  lab = await openTlsLab()
  for (const server of [echo, hasty]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  echo.close()
  hasty.close()
  await lab.dispose()
})

/**
 * Sends `bytes` bytes and gives back how many came in return, until the other end is done. One that `waits` ends its own
 * side only then.
 */
function sendAndCount(port: number, bytes: number, waits = false): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = 0
    const content = Buffer.alloc(bytes, 'z')
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () =>
      waits ? socket.write(content) : socket.end(content),
    )
    socket.on('data', (chunk: Buffer) => (received += chunk.length))
    socket.on('end', () => {
      socket.end()
      resolve(received)
    })
    socket.on('error', reject)
  })
}

describe('a terminal', () => {
  async function terminal(
    command: string,
  ): Promise<{ socket: WebSocket; messages: Buffer[]; ended: Promise<unknown> }> {
    const { url } = await lab.start(handler)
    const query = `command=${command}&stdin=true&stdout=true&tty=true`
    const socket = new WebSocket(
      `${url.replace('https', 'wss')}${podsPath}/web-1/exec?${query}`,
      ['v5.channel.k8s.io'],
      {
        ca: lab.pki.ca,
      },
    )
    const messages: Buffer[] = []
    socket.on('message', (data: Buffer) => messages.push(data))
    const ended = once(socket, 'close')
    await once(socket, 'open')
    return { socket, messages, ended }
  }
  const onChannel = (messages: readonly Buffer[], number: number): string =>
    Buffer.concat(messages.filter(([first]) => first === number).map((message) => message.subarray(1))).toString()

  it('tells the command its size', async () => {
    const { socket, messages, ended } = await terminal('sizes')
    socket.send(Buffer.concat([Buffer.of(4), Buffer.from('{"Width":120,"Height":40}')]))
    await ended
    expect(onChannel(messages, 1)).toBe('120x40')
    expect(JSON.parse(onChannel(messages, 3))).toMatchObject({ status: 'Success' })
  })

  it('closes the input of the command when the client says so', async () => {
    const { socket, messages, ended } = await terminal('cat')
    socket.send(Buffer.concat([Buffer.of(0), Buffer.from('typed')]))
    socket.send(Buffer.from([255, 0]))
    await ended
    expect(onChannel(messages, 1)).toBe('typed')
  })
})

describe('a client that speaks channels of a WebSocket', () => {
  async function open(
    path: string,
    protocols: string[],
  ): Promise<{ socket: WebSocket; messages: Buffer[]; ended: Promise<unknown> }> {
    const { url } = await lab.start(handler)
    const socket = new WebSocket(`${url.replace('https', 'wss')}${podsPath}/web-1/${path}`, protocols, {
      ca: lab.pki.ca,
    })
    const messages: Buffer[] = []
    socket.on('message', (data: Buffer) => messages.push(data))
    const ended = once(socket, 'close')
    await once(socket, 'open')
    return { socket, messages, ended }
  }
  const texts = (messages: readonly Buffer[]): string[] => messages.map((message) => message.toString('latin1'))

  it.each([
    { offered: ['channel.k8s.io'], chosen: 'channel.k8s.io' },
    { offered: [], chosen: '' },
    { offered: ['unheard.of', 'channel.k8s.io', 'v4.channel.k8s.io'], chosen: 'channel.k8s.io' },
  ])('is told a failure as text by what came before version 4: $offered', async ({ offered, chosen }) => {
    const { socket, messages, ended } = await open('exec?command=exit&command=7&stderr=true', offered)
    expect(socket.protocol).toBe(chosen)
    await ended
    expect(texts(messages)).toEqual(['\x02', '\x02leaving\n', '\x03command terminated with exit code 7'])
  })

  it('is told nothing of a success by what came before version 4', async () => {
    const { messages, ended } = await open('exec?command=exit&command=0&stderr=true', ['channel.k8s.io'])
    await ended
    expect(texts(messages)).toEqual(['\x02', '\x02leaving\n'])
  })

  it('is given version 5 wherever it offers it', async () => {
    const { socket, ended } = await open('exec?command=exit&command=0&stderr=true', [
      'v4.channel.k8s.io',
      'v5.channel.k8s.io',
    ])
    expect(socket.protocol).toBe('v5.channel.k8s.io')
    await ended
  })

  it.each(['base64.channel.k8s.io', 'v4.base64.channel.k8s.io'])('runs a command in base64: %s', async (protocol) => {
    const { socket, messages, ended } = await open('exec?command=sizes&stdout=true&tty=true', [protocol])
    socket.send(`4${Buffer.from('{"Width":80,"Height":25}').toString('base64')}`)
    await ended
    const output = texts(messages).filter((text) => text.startsWith('1') && text.length > 1)
    expect(output.map((text) => Buffer.from(text.slice(1), 'base64').toString())).toEqual(['80x25'])
  })

  it('reads a log in base64', async () => {
    const { messages, ended } = await open('log?follow=true', ['base64.binary.k8s.io'])
    await ended
    expect(Buffer.concat(messages.map((one) => Buffer.from(one.toString(), 'base64'))).toString()).toBe(
      'line 1\nline 2\n',
    )
  })

  it('forwards the ports that the request names, each on two channels', async () => {
    const { socket, messages, ended } = await open('portforward?ports=80&ports=81,8080', ['v4.channel.k8s.io'])
    const received = (channel: number): Buffer =>
      Buffer.concat(messages.filter(([first]) => first === channel).map((message) => message.subarray(1)))
    socket.send(Buffer.concat([Buffer.of(0), Buffer.from('hello')]))
    socket.send(Buffer.concat([Buffer.of(4), Buffer.from('GET')]))
    await expect.poll(() => received(0).subarray(2).toString()).toBe('hello')
    await expect.poll(() => received(4).length).toBe(100_002)
    await expect
      .poll(() => received(3).subarray(2).toString())
      .toBe('an error occurred forwarding to port 81: nothing listens on port 81')
    expect([0, 1, 2, 3, 4, 5].map((channel) => received(channel).readUInt16LE(0))).toEqual([80, 80, 81, 81, 8080, 8080])
    socket.close()
    await ended
  })

  it('forwards much, in base64 too', async () => {
    const { socket, messages, ended } = await open('portforward?ports=80', ['v4.base64.channel.k8s.io'])
    const block = Buffer.alloc(100_000, 'y')
    for (let sent = 0; sent < 20; sent++) socket.send(`0${block.toString('base64')}`)
    const received = (): number =>
      messages.reduce((sum, message) => sum + Buffer.from(message.subarray(1).toString(), 'base64').length, 0)
    await expect.poll(received).toBe(20 * block.length + 4)
    socket.close()
    await ended
  })

  it('may name more ports than there are digits', async () => {
    const ports = Array.from({ length: 6 }, (_, index) => (index === 5 ? 80 : 81 + index)).join(',')
    const { socket, messages, ended } = await open(`portforward?ports=${ports}`, ['v4.base64.channel.k8s.io'])
    const colon = ':'.charCodeAt(0)
    socket.send(`:${Buffer.from('hello').toString('base64')}`)
    const received = (): string =>
      Buffer.concat(
        messages
          .filter(([first]) => first === colon)
          .map((message) => Buffer.from(message.subarray(1).toString(), 'base64')),
      ).toString('latin1')
    await expect.poll(received).toBe('P\x00hello')
    socket.close()
    await ended
  })

  it('may leave while its port is being reached', async () => {
    const { socket, ended } = await open('portforward?ports=80', ['v4.channel.k8s.io'])
    socket.terminate()
    await ended
    const after = await open('exec?command=exit&command=0&stderr=true', ['v4.channel.k8s.io'])
    await after.ended
  })

  it.each([
    { query: '', refused: 400 },
    { query: '?ports=', refused: 400 },
    { query: '?ports=http', refused: 400 },
    { query: '?ports=0', refused: 400 },
    { query: '?ports=70000', refused: 400 },
    { query: '?ports=80', protocol: 'channel.k8s.io', refused: 403 },
  ])('is refused before the upgrade: portforward$query $protocol', async ({ query, protocol, refused }) => {
    const { url } = await lab.start(handler)
    const socket = new WebSocket(
      `${url.replace('https', 'wss')}${podsPath}/web-1/portforward${query}`,
      [protocol ?? 'v4.channel.k8s.io'],
      { ca: lab.pki.ca },
    )
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).toContain(String(refused))
  })
})

for (const version of ['1.27', '1.29', '1.33']) {
  const missing = kubectlVersions().has(version) ? '' : ' (not on this machine)'
  describe.skipIf(missing !== '')(`kubectl ${version}${missing}`, () => {
    it('runs a command with its input and output', async () => {
      await lab.start(handler)
      const result = await lab.kubectl(version).try(['exec', '-i', 'web-1', '--', 'cat'], 'hello\nworld\n')
      expect(result).toEqual({ code: 0, stdout: 'hello\nworld\n', stderr: '' })
      expect(calls.at(-1)).toMatchObject({ command: ['cat'], container: { pod: 'web-1', container: 'main' } })
    })

    it('sees the exit code and what the command said of it', async () => {
      await lab.start(handler)
      const result = await lab.kubectl(version).try(['exec', 'web-1', '--', 'exit', '7'])
      expect(result.code).toBe(7)
      expect(result.stderr).toContain('leaving\n')
      expect(result.stderr).toContain('command terminated with exit code 7')
    })

    it('sees why a command could not be run', async () => {
      await lab.start(handler)
      const result = await lab.kubectl(version).try(['exec', 'web-1', '--', 'nothing'])
      expect(result.code).not.toBe(0)
      expect(result.stderr).toContain('no program nothing here')
    })

    it('receives a large output whole', async () => {
      await lab.start(handler)
      const bytes = 4 * 1024 * 1024
      const result = await lab.kubectl(version).try(['exec', 'web-1', '--', 'flood', String(bytes)])
      expect(result.code).toBe(0)
      expect(result.stdout.length).toBe(bytes)
    })

    it('sends a large input whole', async () => {
      await lab.start(handler)
      const input = 'y'.repeat(1024 * 1024)
      const result = await lab.kubectl(version).try(['exec', '-i', 'web-1', '--', 'cat'], input)
      expect(result.stdout.length).toBe(input.length)
    })

    it('attaches', async () => {
      await lab.start(handler)
      const result = await lab.kubectl(version).try(['attach', 'web-1'])
      expect(result.stdout).toContain('attached')
    })

    it('forwards a port, also for several connections at once', async () => {
      await lab.start(handler)
      const following = lab.kubectl(version).follow(['port-forward', 'web-1', ':80', '--address=127.0.0.1'])
      const [, port] = /127\.0\.0\.1:(\d+) -> 80/.exec(await following.line(/Forwarding from/)) ?? []
      const sizes = [1, 300_000, 2_000_000]
      expect(await Promise.all(sizes.map((bytes) => sendAndCount(Number(port), bytes)))).toEqual(sizes)
      following.stop()
    })

    it('forwards to a server that closes first, one connection after the other', async () => {
      await lab.start(handler)
      const following = lab.kubectl(version).follow(['port-forward', 'web-1', ':8080', '--address=127.0.0.1'])
      const [, port] = /127\.0\.0\.1:(\d+) -> 8080/.exec(await following.line(/Forwarding from/)) ?? []
      for (let round = 0; round < 5; round++) expect(await sendAndCount(Number(port), 1, true)).toBe(100_000)
      expect(following.lines.filter((line) => line.includes('rror'))).toEqual([])
      following.stop()
    })

    it('is told when nothing listens on the port', async () => {
      await lab.start(handler)
      const following = lab.kubectl(version).follow(['port-forward', 'web-1', ':81', '--address=127.0.0.1'])
      const [, port] = /127\.0\.0\.1:(\d+) -> 81/.exec(await following.line(/Forwarding from/)) ?? []
      await sendAndCount(Number(port), 1).catch(() => 0)
      expect(await following.line(/error/)).toContain('nothing listens on port 81')
      following.stop()
    })

    it('is told of a container that is not there before anything is upgraded', async () => {
      await lab.start(handler)
      const result = await lab.kubectl(version).try(['exec', 'web-1', '-c', 'nope', '--', 'cat'])
      expect(result.stderr).toContain('container nope is not valid for pod web-1')
    })

    it('reads logs with its options', async () => {
      await lab.start(handler)
      expect(await lab.kubectl(version).run(['logs', 'web-1', '--tail=2', '--timestamps'])).toBe('line 1\nline 2\n')
      expect(calls.at(-1)?.options).toEqual({ follow: false, timestamps: true, previous: false, tailLines: 2 })
    })
  })
}

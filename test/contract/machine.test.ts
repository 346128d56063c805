import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import type { Machine } from '../../src-main/machines/machine.ts'
import { connect } from '../../src-main/machines/ssh/connect.ts'
import { generateKeyPair } from '../../src-main/machines/ssh/keys.ts'
import { startSshd, whyNoSshd, type TestSshd } from '../support/sshd.ts'

const reason = whyNoSshd()

describe.skipIf(reason !== undefined)(`a machine over SSH${reason === undefined ? '' : ` (${reason})`}`, () => {
  let sshd: TestSshd
  let folder: string
  let machine: Machine

  const options = () => ({
    name: 'worker-1',
    host: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    privateKey: sshd.privateKey,
    hostKey: sshd.hostKey,
    clock: systemClock,
    random: seededRandom(1),
    log: silentLog,
  })

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.stop())
  beforeEach(async () => {
    sshd.mend()
    folder = await mkdtemp(join(sshd.folder, 'test-'))
    machine = await connect(options())
  })
  afterEach(async () => {
    await machine.dispose()
    await rm(folder, { recursive: true })
  })

  describe('exec', () => {
    it('gives code, output and error output', async () => {
      const result = await machine.exec(['sh', '-c', 'echo out; echo err >&2; exit 3'])
      expect(result).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' })
    })

    it('passes every argument as it is', async () => {
      const nasty = ["it's", 'a\nb', '$(id)', '`id`', '"', '\\', '*', '', 'käse 中文']
      const { stdout } = await machine.exec(['printf', '[%s]', ...nasty])
      expect(stdout).toBe(nasty.map((one) => `[${one}]`).join(''))
    })

    it('feeds input of any size and ends it', async () => {
      const input = 'x'.repeat(3_000_000)
      expect((await machine.exec(['wc', '-c'], { stdin: input })).stdout.trim()).toBe('3000000')
    })

    it('reports a program that is not there by its code', async () => {
      expect((await machine.exec(['no-such-program'])).code).toBe(127)
    })

    it('reports a death by signal as a shell does', async () => {
      expect((await machine.exec(['sh', '-c', 'kill -9 $$'])).code).toBe(137)
    })

    it('survives a command that does not read its input', async () => {
      expect((await machine.exec(['true'], { stdin: 'x'.repeat(1_000_000) })).code).toBe(0)
    })

    it('kills the command and all it started when time is over', async () => {
      const command = ['sh', '-c', `sh -c 'sleep 600; :' "$0-child" & wait`, 'doomed-command']
      await expect(machine.exec(command, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'Timeout' })
      // The brackets keep the search from finding itself.
      const alive = async (): Promise<boolean> => (await machine.exec(['pgrep', '-f', '[d]oomed-command'])).code === 0
      await until(async () => !(await alive()))
    })

    it('ends when the signal aborts', async () => {
      const abort = new AbortController()
      const running = machine.exec(['sleep', '60'], { signal: abort.signal })
      setTimeout(() => abort.abort(new Error('enough')), 50)
      await expect(running).rejects.toThrow('enough')
    })

    it('runs 40 commands at once though sshd allows ten sessions', async () => {
      const results = await Promise.all(Array.from({ length: 40 }, (_, index) => machine.exec(['echo', String(index)])))
      expect(results.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 40 }, (_, index) => index))
    })
  })

  describe('spawn', () => {
    it('streams both ways and tells the exit code', async () => {
      const process = await machine.spawn(['sh', '-c', 'read line; echo "got $line"; echo oops >&2; exit 7'])
      process.stdin.end('hello\n')
      const [out, err, code] = await Promise.all([text(process.stdout), text(process.stderr), process.exited])
      expect([out, err, code]).toEqual(['got hello\n', 'oops\n', 7])
    })

    it('offers a terminal that can be resized', async () => {
      const process = await machine.spawn(['sh', '-c', 'stty size; read x; stty size'], { columns: 80, rows: 24 })
      const seen = collect(process.stdout)
      await until(() => seen.text.includes('24 80'))
      process.resize(100, 30)
      process.stdin.write('\n')
      await until(() => seen.text.includes('30 100'))
      expect(await process.exited).toBe(0)
    })

    it('ends the command when it is disposed', async () => {
      const process = await machine.spawn(['sleep', '60'])
      await process.dispose()
      expect(await process.exited).toBe(137)
    })
  })

  describe('files', () => {
    it('reads back what it wrote, byte for byte, with its mode', async () => {
      const path = `${folder}/some file'$x`
      const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256)
      await machine.writeFile(path, bytes, 0o640)
      expect(Buffer.compare(Buffer.from(await machine.readFile(path)), bytes)).toBe(0)
      expect((await stat(path)).mode & 0o777).toBe(0o640)
      expect(await readdir(folder)).toEqual(["some file'$x"])
    })

    it('makes the folders above a file', async () => {
      await machine.writeFile(`${folder}/a/b/c`, 'deep')
      expect(await readFile(`${folder}/a/b/c`, 'utf8')).toBe('deep')
    })

    it('tells of a file that is not there', async () => {
      await expect(machine.readFile(`${folder}/none`)).rejects.toMatchObject({ code: 'NotFound' })
    })

    it('tells of a file that cannot be written, and leaves nothing', async () => {
      await machine.writeFile(`${folder}/file`, 'x')
      await expect(machine.writeFile(`${folder}/file/below`, 'y')).rejects.toMatchObject({ code: 'Failed' })
      expect(await readdir(folder)).toEqual(['file'])
    })
  })

  describe('sockets', () => {
    it('reaches a TCP port and ends both ways', async () => {
      const server = net.createServer((socket) => socket.pipe(socket))
      const port = await listening(server)
      const socket = await machine.openTcp('127.0.0.1', port)
      const seen = collect(socket)
      socket.end('ping')
      await once(socket, 'close')
      expect(seen.text).toBe('ping')
      server.close()
    })

    it('closes when the other side does, though the own side was never ended', async () => {
      const server = net.createServer((socket) => socket.end('bye'))
      const port = await listening(server)
      const socket = await machine.openTcp('127.0.0.1', port)
      const seen = collect(socket)
      await once(socket, 'close')
      expect(seen.text).toBe('bye')
      server.close()
    })

    it('closes the far side when it is destroyed with data unread', async () => {
      const far = Promise.withResolvers<net.Socket>()
      const server = net.createServer((socket) => far.resolve(socket))
      const port = await listening(server)
      const socket = await machine.openTcp('127.0.0.1', port)
      const farSocket = await far.promise
      farSocket.on('error', () => undefined)
      farSocket.write('x'.repeat(100_000))
      await once(socket, 'readable')
      socket.destroy()
      farSocket.resume()
      await once(farSocket, 'close')
      server.close()
    })

    it('carries more than a window without loss', async () => {
      const server = net.createServer((socket) => socket.pipe(socket))
      const port = await listening(server)
      const socket = await machine.openTcp('127.0.0.1', port)
      const size = 20_000_000
      let received = 0
      socket.on('data', (chunk: Buffer) => (received += chunk.length))
      socket.end(Buffer.alloc(size, 1))
      await once(socket, 'close')
      expect(received).toBe(size)
      server.close()
    })

    it('tells of a port that nobody listens on', async () => {
      await expect(machine.openTcp('127.0.0.1', 1)).rejects.toMatchObject({ code: 'Failed' })
      await expect(machine.openUnix(`${folder}/none.sock`)).rejects.toMatchObject({ code: 'Failed' })
    })

    it('serves an HTTP agent over a unix socket with kept connections', async () => {
      const server = http.createServer((request, response) => response.end(request.url))
      server.listen(`${folder}/http.sock`)
      await once(server, 'listening')
      let opened = 0
      const agent = new http.Agent({ keepAlive: true })
      agent.createConnection = (_options, done) => {
        opened++
        machine.openUnix(`${folder}/http.sock`).then(
          (socket) => done?.(null, socket),
          (error: unknown) => done?.(error as Error, undefined as never),
        )
        return undefined
      }
      for (const path of ['/a', '/b', '/c']) {
        const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
          http.get({ agent, path, host: 'unix' }, resolve).on('error', reject)
        })
        expect(await text(response)).toBe(path)
      }
      expect(opened).toBe(1)
      agent.destroy()
      server.close()
    })

    it('listens on the worker and hands over connections', async () => {
      const listener = await machine.listenTcp(0, (socket) => socket.end('hello'))
      expect(await fetchText(listener.port)).toBe('hello')
      await listener.dispose()
      await expect(fetchText(listener.port)).rejects.toThrow()
    })

    it('says who connects, and lets a connection be half open both ways', async () => {
      const sources: (string | undefined)[] = []
      const listener = await machine.listenTcp(0, (socket, source) => {
        sources.push(source)
        socket.allowHalfOpen = true
        void text(socket).then((question) => socket.end(`heard ${question}`))
      })
      const near = await machine.openTcp('127.0.0.1', listener.port)
      near.allowHalfOpen = true
      near.end('a question')
      expect(await text(near)).toBe('heard a question')
      expect(sources).toEqual(['127.0.0.1'])
      await listener.dispose()
    })

    it('destroys a half-open connection when the other side is gone for good', async () => {
      const accepted = Promise.withResolvers<Duplex>()
      const listener = await machine.listenTcp(0, (socket) => {
        socket.allowHalfOpen = true
        socket.resume()
        accepted.resolve(socket)
      })
      const client = net.connect(listener.port, '127.0.0.1', () => client.end('all'))
      const socket = await accepted.promise
      await once(socket, 'end')
      expect(socket.destroyed).toBe(false)
      client.resetAndDestroy()
      const closed = once(socket, 'close')
      socket.write('x')
      socket.write('y')
      await closed
      await listener.dispose()
    })

    it('refuses a port that is taken', async () => {
      const server = net.createServer()
      const port = await listening(server)
      await expect(machine.listenTcp(port, () => undefined)).rejects.toMatchObject({ code: 'Failed' })
      server.close()
    })
  })

  describe('a lost connection', () => {
    it('fails what runs on it, comes back by itself, and opens its ports again', async () => {
      const states: boolean[] = []
      machine.onConnection((connected) => states.push(connected))
      const server = net.createServer()
      const port = await listening(server)
      const listener = await machine.listenTcp(0, (socket) => socket.end('still here'))
      const socket = await machine.openTcp('127.0.0.1', port)
      const failed = new Promise((resolve) => socket.once('close', resolve))
      const errors: unknown[] = []
      socket.on('error', (error) => errors.push(error))
      const process = await machine.spawn(['cat'])
      const command = machine.exec(['sleep', '60'])
      const outcomes = Promise.allSettled([command, process.exited])

      sshd.cut()
      for (const outcome of await outcomes)
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'Unreachable' } })
      await failed
      expect(errors).toEqual([expect.objectContaining({ code: 'Unreachable' })])
      expect(states).toEqual([false])

      const waiting = machine.exec(['echo', 'back'])
      sshd.mend()
      expect((await waiting).stdout).toBe('back\n')
      expect(states).toEqual([false, true])
      await until(async () => (await fetchText(listener.port).catch(() => '')) === 'still here')
      server.close()
    })

    it('refuses everything after it was disposed, also what waits', async () => {
      sshd.cut()
      const waiting = machine.exec(['true'])
      const refused = expect(waiting).rejects.toMatchObject({ code: expect.stringMatching(/Disposed|Unreachable/) })
      await machine.dispose()
      await refused
      await expect(machine.openTcp('127.0.0.1', 1)).rejects.toMatchObject({ code: 'Disposed' })
    })
  })

  describe('connecting', () => {
    it('refuses a machine with another host key', async () => {
      const other = generateKeyPair('other').publicKey
      await expect(connect({ ...options(), hostKey: other })).rejects.toMatchObject({ code: 'HostKeyMismatch' })
    })

    it('tells of a key that the machine does not accept', async () => {
      const { privateKey } = generateKeyPair('stranger')
      await expect(connect({ ...options(), privateKey })).rejects.toMatchObject({ code: 'AuthenticationFailed' })
    })

    it('tells of a machine that is not there', async () => {
      await expect(connect({ ...options(), port: 1 })).rejects.toMatchObject({ code: 'Unreachable' })
    })

    it('keeps trying while a machine boots', async () => {
      sshd.cut()
      setTimeout(() => sshd.mend(), 150)
      const late = await connect({ ...options(), patienceMs: 10_000 })
      expect((await late.exec(['echo', 'up'])).stdout).toBe('up\n')
      await late.dispose()
    })
  })
})

async function listening(server: net.Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as net.AddressInfo).port
}

function collect(stream: Readable | Duplex): { text: string } {
  const seen = { text: '' }
  stream.on('data', (chunk: Buffer) => (seen.text += chunk.toString()))
  return seen
}

async function text(stream: Readable): Promise<string> {
  const seen = collect(stream)
  await once(stream, 'end')
  return seen.text
}

async function fetchText(port: number): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  const seen = collect(socket)
  await once(socket, 'close')
  if (seen.text === '') throw new Error('nothing was answered')
  return seen.text
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('the condition did not come true')
}

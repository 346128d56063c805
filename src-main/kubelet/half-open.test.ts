import { createServer, connect, type AddressInfo, type Server } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { PassThrough } from 'node:stream'
import { afterEach, expect, it } from 'vitest'
import { halfOpen } from './half-open.ts'

let server: Server | undefined
afterEach(() => void server?.close())

async function answering(text: string): Promise<number> {
  const listening = createServer((socket) => socket.end(text))
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  return (listening.address() as AddressInfo).port
}

it('delivers everything although the other side has closed, and ends when both have', async () => {
  const text = 'x'.repeat(1_000_000)
  const socket = halfOpen(connect(await answering(text), '127.0.0.1'))
  const toServer = new PassThrough()
  const fromServer = new PassThrough()
  const written = pipeline(toServer, socket)
  const read = pipeline(socket, fromServer)
  let length = 0
  for await (const chunk of fromServer) length += (chunk as Buffer).length
  expect(length).toBe(text.length)
  toServer.end('too late')
  await Promise.all([written, read])
})

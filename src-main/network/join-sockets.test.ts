import { duplexPair } from 'node:stream'
import { expect, it } from 'vitest'
import { settle } from '../lib/virtual-clock.ts'
import { joinSockets } from './join-sockets.ts'

function joined() {
  const [client, left] = duplexPair()
  const [server, right] = duplexPair()
  joinSockets(left, right)
  return { client, left, server, right }
}

it('lets the answer through after the question has ended, and then ends both', async () => {
  const { client, left, server, right } = joined()
  server.on('data', () => undefined).on('end', () => server.end('answer'))
  client.end('question')
  let heard = ''
  for await (const chunk of client) heard += String(chunk)
  expect(heard).toBe('answer')
  await settle()
  expect([left.destroyed, right.destroyed]).toEqual([true, true])
})

it('holds a sender back while the receiver does not read', async () => {
  const { client } = joined()
  const chunk = Buffer.alloc(64 * 1024)
  let sent = 0
  while (!client.writableNeedDrain && sent < 100) {
    client.write(chunk)
    sent++
    await settle()
  }
  expect(sent).toBeLessThan(10)
})

it('ends the one when the other breaks', async () => {
  const { left, right } = joined()
  left.destroy(new Error('lost'))
  await settle()
  expect(right.destroyed).toBe(true)
})

it('ends the one when the other can be written to no more, though it had only ended its own side', async () => {
  const { client, left, server, right } = joined()
  server.resume()
  client.end('question')
  await settle()
  expect(right.destroyed).toBe(false)
  left.destroy()
  await settle()
  expect(right.destroyed).toBe(true)
})

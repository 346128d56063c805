import { createServer, type Http2Server } from 'node:http2'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { grpcHealth } from './grpc-check.ts'

let server: Http2Server

afterEach(() => server.close())

/** Answers with these bytes and this status, and keeps what it was asked. */
async function serving(status: string, message: readonly number[], asked: Buffer[] = []): Promise<number> {
  server = createServer()
  server.on('stream', (stream) => {
    stream.on('data', (chunk: Buffer) => asked.push(chunk))
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status, 'grpc-message': 'words' }))
      stream.end(Buffer.from(message))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const ask = (port: number, service = ''): Promise<string | undefined> =>
  grpcHealth(connect(port, '127.0.0.1'), `127.0.0.1:${port}`, service, AbortSignal.timeout(5000))

describe('a gRPC health check', () => {
  it('is content with a server that serves, and names the service that it asks for', async () => {
    const asked: Buffer[] = []
    await expect(ask(await serving('0', [0, 0, 0, 0, 2, 8, 1], asked), 'abc')).resolves.toBeUndefined()
    expect([...Buffer.concat(asked)]).toEqual([0, 0, 0, 0, 5, 0x0a, 3, 97, 98, 99])
  })

  it.each([
    ['0', [0, 0, 0, 0, 2, 8, 2], 'service unhealthy (responded with "NOT_SERVING")'],
    ['0', [0, 0, 0, 0, 0], 'service unhealthy (responded with "UNKNOWN")'],
    ['12', [], 'this server does not implement the grpc health protocol (grpc.health.v1.Health): words'],
    ['5', [], 'service unhealthy (responded with grpc status 5: words)'],
  ])('says what is wrong with status %s and message %j', async (status, message, words) => {
    await expect(ask(await serving(status, message))).resolves.toBe(words)
  })

  it('rejects when nobody listens', async () => {
    const port = await serving('0', [])
    await new Promise((resolve) => server.close(resolve))
    await expect(ask(port)).rejects.toThrow()
  })
})

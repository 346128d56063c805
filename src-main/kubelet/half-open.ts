import { Duplex } from 'node:stream'

/**
 * A connection whose two directions end by themselves: after the other side has said its last, what is still written
 * is swallowed, and the connection closes when both have ended. Many sockets close as soon as one direction ends, which
 * cuts off what a slower reader has not read yet.
 */
export function halfOpen(inner: Duplex): Duplex {
  let over = false
  const outer = new Duplex({
    allowHalfOpen: true,
    read: () => void inner.resume(),
    write(chunk: Buffer, _encoding, done) {
      if (over || inner.destroyed || inner.writableEnded) done()
      else inner.write(chunk, () => done())
    },
    final(done) {
      inner.end()
      done()
    },
    destroy(error, done) {
      inner.destroy()
      done(error)
    },
  })
  const finish = (): void => {
    if (over) return
    over = true
    outer.push(null)
  }
  inner.on('data', (chunk: Buffer) => {
    if (!outer.push(chunk)) inner.pause()
  })
  inner.on('end', finish)
  inner.on('close', finish)
  inner.on('error', (error) => outer.destroy(error))
  return outer
}

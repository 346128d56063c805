import type { Duplex } from 'node:stream'

/** Joins two connections: each direction ends by itself, after all of its bytes; a connection that breaks takes the other with it. */
export function joinSockets(left: Duplex, right: Duplex): void {
  // Who has said everything may still be answered.
  left.allowHalfOpen = true
  right.allowHalfOpen = true
  lead(left, right)
  lead(right, left)
}

function lead(from: Duplex, to: Duplex): void {
  from.pipe(to)
  from.on('error', () => to.destroy())
  from.on('close', () => {
    if (!from.readableEnded) to.destroy()
    // What it said must still arrive, but nobody hears the answer any more.
    else if (!from.writableFinished) to.end(() => to.destroy())
  })
}

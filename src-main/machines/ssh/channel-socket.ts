import { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import type { Session } from './session.ts'

/**
 * A forwarded channel that behaves as a `net.Socket` does: it closes when it is destroyed, also with data unread, ends
 * its own side when the other has ended, fails when the connection is lost, and has the methods that `http.Agent` calls.
 */
export class ChannelSocket extends Duplex {
  private readonly channel: ClientChannel
  private gone = false
  /** Ends a write that the channel will never call back for, as it is gone. */
  private pendingWrite: (() => void) | undefined

  constructor(channel: ClientChannel, session: Session) {
    super({ allowHalfOpen: false })
    this.channel = channel
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause()
    })
    channel.once('end', () => this.push(null))
    channel.once('close', () => {
      this.gone = true
      lost.dispose()
      this.push(null)
      this.finishWrite()
      // Who waits to write would not learn of it: the end of what is read says nothing of the other direction.
      if (this.allowHalfOpen) this.destroyAfterEnd()
    })
    channel.on('error', (error: Error) => this.destroy(error))
    const lost = session.onLost((error) => {
      this.gone = true
      this.destroy(error)
    })
    // Whoever reads learns of a failure by its own listener; a stream that nobody watches must not end the process.
    this.on('error', () => undefined)
    this.once('close', () => lost.dispose())
  }

  setKeepAlive(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setTimeout(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  override _read(): void {
    this.channel.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // The other side is gone: as with TCP, what was on its way is lost, and the reader sees the end.
    if (this.gone) {
      done()
      return
    }
    this.pendingWrite = () => done()
    this.channel.write(chunk, () => this.finishWrite())
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.gone) this.channel.end()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.channel.destroy()
    // The channel reports its close only after all its data was read.
    this.channel.resume()
    this.finishWrite()
    done(error)
  }

  private destroyAfterEnd(): void {
    if (this.readableEnded) this.destroy()
    else this.once('end', () => this.destroy())
  }

  private finishWrite(): void {
    const finish = this.pendingWrite
    this.pendingWrite = undefined
    finish?.()
  }
}

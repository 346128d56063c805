import { Transform } from 'node:stream'

const newline = 10

/** Takes the first line out of a stream and passes on the rest. */
export class FirstLine extends Transform {
  /** The line without its end; what there was of it when the stream ended early. */
  readonly line: Promise<string>
  private readonly found: (line: string) => void
  private head: Buffer | undefined = Buffer.alloc(0)

  constructor() {
    super()
    const { promise, resolve } = Promise.withResolvers<string>()
    this.line = promise
    this.found = resolve
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.head === undefined) this.push(chunk)
    else {
      const head = Buffer.concat([this.head, chunk])
      const end = head.indexOf(newline)
      this.head = end < 0 ? head : undefined
      if (end >= 0) {
        this.found(head.toString('utf8', 0, end))
        this.push(head.subarray(end + 1))
      }
    }
    done()
  }

  override _flush(done: () => void): void {
    if (this.head !== undefined) this.found(this.head.toString())
    done()
  }
}

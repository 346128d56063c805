import { isReason } from '../api/errors.ts'
import { machine as machineKind } from '../api/kinds/lab/machine.ts'
import type { MachineStatus } from '../api/types/lab-v1.ts'
import type { Client } from '../client/client.ts'
import { describeError, type Log } from '../lib/log.ts'

/**
 * Writes one machine's status: in order, one write at a time, and only the newest state when several wait. Nobody who
 * reports waits for the server; what cannot be written is logged and goes with the next write.
 */
export class StatusWriter {
  private status: MachineStatus
  private dirty = false
  private writing: Promise<void> | undefined
  private readonly client: Client
  private readonly name: string
  private readonly log: Log

  constructor(client: Client, name: string, status: MachineStatus, log: Log) {
    this.client = client
    this.name = name
    this.status = status
    this.log = log
  }

  get current(): MachineStatus {
    return this.status
  }

  set(change: MachineStatus): void {
    const next = { ...this.status, ...change }
    if (JSON.stringify(next) === JSON.stringify(this.status)) return
    this.status = next
    this.dirty = true
    this.writing ??= this.write()
  }

  /** Resolves when all that was set is written, or was given up. */
  async flush(): Promise<void> {
    await this.writing
  }

  private async write(): Promise<void> {
    while (this.dirty) {
      this.dirty = false
      const patch = { status: { ...this.status, message: this.status.message ?? null } }
      try {
        await this.client.patch(machineKind, { name: this.name }, { type: 'merge', patch }, { subresource: 'status' })
      } catch (error) {
        if (isReason(error, 'NotFound')) break
        this.log.warn(`the status of ${this.name} could not be written: ${describeError(error)}`)
      }
    }
    this.writing = undefined
  }
}

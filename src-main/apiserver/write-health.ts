/** Whether the store takes writes: tells once when it begins to refuse them, and once when it takes them again. */
export class WriteHealth {
  private reason: string | undefined
  private readonly tell: (refusal: string | undefined) => void

  /** `tell` is given why writes are refused; undefined when they are taken again. */
  constructor(tell: (refusal: string | undefined) => void) {
    this.tell = tell
  }

  /** Why writes are refused now; undefined when they are taken. */
  get refusal(): string | undefined {
    return this.reason
  }

  refused(reason: string): void {
    const isNews = this.reason === undefined
    this.reason = reason
    if (isNews) this.tell(reason)
  }

  taken(): void {
    if (this.reason === undefined) return
    this.reason = undefined
    this.tell(undefined)
  }
}

/** Whether the store takes writes: tells once when it begins to refuse them, and once when it takes them again. */
export class WriteHealth {
  private refusing = false
  private readonly tell: (refusal: string | undefined) => void

  /** `tell` is given why writes are refused; undefined when they are taken again. */
  constructor(tell: (refusal: string | undefined) => void) {
    this.tell = tell
  }

  refused(reason: string): void {
    if (this.refusing) return
    this.refusing = true
    this.tell(reason)
  }

  taken(): void {
    if (!this.refusing) return
    this.refusing = false
    this.tell(undefined)
  }
}

/** Which mutating webhooks are called a second time: those that want to be, when the object changed after their call. */
import type { DynamicObject } from '../../api/meta/object.ts'
import { copyPlain, samePlain } from '../registry/plain.ts'

export class Reinvocation {
  /** Called since the last change. */
  private readonly waiting = new Set<string>()
  private readonly due = new Set<string>()
  private output: DynamicObject | undefined

  /** The second round begins: other plugins may have changed the object in between. */
  begin(object: DynamicObject): void {
    if (this.output !== undefined && !samePlain(object, this.output)) this.changed()
  }

  /** The object is another one now: those that were called before have not seen it. */
  changed(): void {
    for (const id of this.waiting) this.due.add(id)
    this.waiting.clear()
  }

  /** A webhook that wants to be called again was called. */
  called(id: string): void {
    this.waiting.add(id)
  }

  includes(id: string): boolean {
    return this.due.has(id)
  }

  end(object: DynamicObject): void {
    this.output = copyPlain(object)
  }
}

/** Reads fields of plain data and collects what is wrong with them, each with its path. */
export class Reader {
  readonly problems: string[] = []

  object(value: unknown, path: string): Readonly<Record<string, unknown>> {
    if (value === undefined || value === null) return {}
    if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
    this.wrong(path, 'an object is expected')
    return {}
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (value === undefined || value === null) return []
    if (Array.isArray(value)) return value
    this.wrong(path, 'a list is expected')
    return []
  }

  text(value: unknown, path: string, otherwise = ''): string {
    if (value === undefined || value === null) return otherwise
    if (typeof value === 'string') return value
    this.wrong(path, 'a text is expected')
    return otherwise
  }

  flag(value: unknown, path: string, otherwise = false): boolean {
    if (value === undefined || value === null) return otherwise
    if (typeof value === 'boolean') return value
    this.wrong(path, 'true or false is expected')
    return otherwise
  }

  integer(value: unknown, path: string, range: { otherwise: number; from: number; to: number }): number {
    if (value === undefined || value === null) return range.otherwise
    if (Number.isInteger(value) && Number(value) >= range.from && Number(value) <= range.to) return Number(value)
    this.wrong(path, `a whole number from ${range.from} to ${range.to} is expected`)
    return range.otherwise
  }

  oneOf<T extends string>(value: unknown, path: string, known: readonly T[], otherwise: T): T {
    if (value === undefined || value === null) return otherwise
    const found = known.find((one) => one === value)
    if (found === undefined) this.wrong(path, `one of ${known.join(', ')} is expected`)
    return found ?? otherwise
  }

  /** Fields that nobody knows are mistakes in writing more often than wishes. */
  only(value: Readonly<Record<string, unknown>>, path: string, known: readonly string[]): void {
    for (const name of Object.keys(value)) if (!known.includes(name)) this.wrong(`${path}.${name}`, 'unknown field')
  }

  wrong(path: string, what: string): void {
    this.problems.push(`${path}: ${what}`)
  }
}

/** JSONPath as Kubernetes writes it in printer columns, scale paths and selectable fields. */

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'slice'; readonly start: number | undefined; readonly end: number | undefined }
  | { readonly type: 'all' }
  | { readonly type: 'descend'; readonly name: string }
  | {
      readonly type: 'filter'
      readonly path: readonly Step[]
      readonly operator: Operator | undefined
      readonly value: unknown
    }

type Operator = '==' | '!=' | '<' | '<=' | '>' | '>='

export interface JsonPath {
  /** Every value that the path leads to. */
  values(object: unknown): readonly unknown[]
  /** The names of a path of fields alone, such as `.spec.replicas`; undefined for any other. */
  readonly fields: readonly string[] | undefined
}

export class JsonPathError extends Error {
  readonly code = 'JsonPath'
}

/** A path that is longer is no path that anybody wrote. */
const maximumSteps = 100
/** `..` looks at so many values at most. */
const maximumVisited = 10_000

/** Throws JsonPathError. */
export function parseJsonPath(text: string): JsonPath {
  const reader = new Reader(text)
  const steps = reader.steps(false)
  const fields = steps.flatMap((step) => (step.type === 'field' ? [step.name] : []))
  return {
    values: (object) => follow([object], steps),
    fields: fields.length === steps.length ? fields : undefined,
  }
}

class Reader {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  /** Of the whole text, or within a filter up to its operator or end. */
  steps(inFilter: boolean): Step[] {
    const steps: Step[] = []
    if (!inFilter && this.text.startsWith('$')) this.at++
    while (this.at < this.text.length && !(inFilter && /[\s=!<>)]/.test(this.peek()))) {
      if (steps.length >= maximumSteps) throw new JsonPathError('the path is too long')
      if (this.take('..')) steps.push({ type: 'descend', name: this.peek() === '*' ? this.star() : this.name() })
      else if (this.take('.')) {
        if (this.peek() === '[') continue
        if (this.peek() === '*') {
          this.star()
          steps.push({ type: 'all' })
        } else if (this.at < this.text.length || steps.length > 0) steps.push({ type: 'field', name: this.name() })
      } else if (this.take('[')) steps.push(this.bracket())
      else throw new JsonPathError(`unrecognized character in action: ${JSON.stringify(this.peek())}`)
    }
    return steps
  }

  private star(): string {
    this.at++
    return '*'
  }

  private name(): string {
    let name = ''
    while (this.at < this.text.length && !/[.[\s=!<>()]/.test(this.peek())) {
      if (this.peek() === '\\') this.at++
      name += this.text[this.at++] ?? ''
    }
    if (name === '') throw new JsonPathError('a field has no name')
    return name
  }

  private bracket(): Step {
    if (this.take('?(')) return this.filter()
    if (this.peek() === "'" || this.peek() === '"') {
      const name = this.quoted()
      this.need(']')
      return { type: 'field', name }
    }
    const end = this.text.indexOf(']', this.at)
    if (end < 0) throw new JsonPathError('unterminated array')
    const inner = this.text.slice(this.at, end).trim()
    this.at = end + 1
    if (inner === '*') return { type: 'all' }
    if (/^-?\d{1,9}$/.test(inner)) return { type: 'index', index: Number(inner) }
    const slice = /^(-?\d{1,9})?:(-?\d{1,9})?$/.exec(inner)
    if (slice === null) throw new JsonPathError(`invalid array index ${inner}`)
    const bound = (part: string | undefined): number | undefined => (part === undefined ? undefined : Number(part))
    return { type: 'slice', start: bound(slice[1]), end: bound(slice[2]) }
  }

  private filter(): Step {
    this.space()
    if (!this.take('@')) throw new JsonPathError('a filter must begin with @')
    const path = this.steps(true)
    this.space()
    const operator = (['==', '!=', '<=', '>=', '<', '>'] as const).find((one) => this.take(one))
    this.space()
    const value = operator === undefined ? undefined : this.literal()
    this.space()
    this.need(')]')
    return { type: 'filter', path, operator, value }
  }

  private literal(): unknown {
    if (this.peek() === "'" || this.peek() === '"') return this.quoted()
    const found = /^(?:true|false|null|-?\d+(?:\.\d+)?)/.exec(this.text.slice(this.at, this.at + 40))
    if (found === null) throw new JsonPathError('a filter compares with a text, a number, true or false')
    this.at += found[0].length
    return JSON.parse(found[0])
  }

  private quoted(): string {
    const quote = this.text[this.at++]
    let value = ''
    while (this.at < this.text.length && this.peek() !== quote) {
      if (this.peek() === '\\') this.at++
      value += this.text[this.at++] ?? ''
    }
    if (this.at++ >= this.text.length) throw new JsonPathError('unterminated quoted string')
    return value
  }

  private space(): void {
    while (this.peek() === ' ') this.at++
  }

  private peek(): string {
    return this.text[this.at] ?? ''
  }

  private take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  private need(text: string): void {
    if (!this.take(text)) throw new JsonPathError(`${text} is missing`)
  }
}

function follow(from: readonly unknown[], steps: readonly Step[]): readonly unknown[] {
  let values = from
  for (const step of steps) values = values.flatMap((value) => stepped(value, step))
  return values
}

function stepped(value: unknown, step: Step): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  switch (step.type) {
    case 'field':
      return fieldOf(value, step.name)
    case 'index': {
      const found: unknown = Array.isArray(value) ? value.at(step.index) : undefined
      return found === undefined ? [] : [found]
    }
    case 'slice':
      return Array.isArray(value) ? value.slice(step.start, step.end) : []
    case 'all':
      return Object.values(value)
    case 'descend':
      return descended(value, step.name)
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => passes(item, step)) : []
  }
}

const fieldOf = (value: object, name: string): readonly unknown[] =>
  !Array.isArray(value) && Object.hasOwn(value, name) ? [(value as Record<string, unknown>)[name]] : []

function descended(value: object, name: string): unknown[] {
  const found: unknown[] = []
  const pending: unknown[] = [value]
  for (let visited = 0; pending.length > 0 && visited < maximumVisited; visited++) {
    const one = pending.shift()
    if (typeof one !== 'object' || one === null) continue
    found.push(...(name === '*' ? Object.values(one) : fieldOf(one, name)))
    pending.push(...Object.values(one))
  }
  return found
}

function passes(item: unknown, { path, operator, value }: Extract<Step, { type: 'filter' }>): boolean {
  const [found] = follow([item], path)
  if (operator === undefined) return found !== undefined
  if (found === undefined) return false
  if (operator === '==') return found === value
  if (operator === '!=') return found !== value
  if (typeof found !== typeof value || (typeof found !== 'number' && typeof found !== 'string')) return false
  const other = value as typeof found
  if (operator === '<') return found < other
  if (operator === '<=') return found <= other
  return operator === '>' ? found > other : found >= other
}

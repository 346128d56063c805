import { SelectorError } from './label-selector.ts'

export interface FieldRequirement {
  readonly path: string
  readonly operator: '=' | '!='
  readonly value: string
}

export interface FieldSelector {
  readonly requirements: readonly FieldRequirement[]
  /** `read` gives the value at a path, undefined when it is absent, which counts as an empty text. */
  matches(read: (path: string) => string | undefined): boolean
  toString(): string
}

/** Reads `a=b,c!=d` (also `a==b`), where `\` escapes `\`, `,` and `=` in values; throws SelectorError. */
export function parseFieldSelector(text: string): FieldSelector {
  return fieldSelector(
    splitUnescaped(text)
      .filter((term) => term !== '')
      .map((term) => parseTerm(term, text)),
  )
}

/** The selector that asks for all of these values. */
export function fieldSelectorFromMap(fields: Readonly<Record<string, string>>): FieldSelector {
  return fieldSelector(Object.entries(fields).map(([path, value]) => ({ path, operator: '=', value })))
}

function fieldSelector(requirements: readonly FieldRequirement[]): FieldSelector {
  return {
    requirements,
    matches: (read) =>
      requirements.every(({ path, operator, value }) => ((read(path) ?? '') === value) === (operator === '=')),
    toString: () => requirements.map(({ path, operator, value }) => `${path}${operator}${escape(value)}`).join(','),
  }
}

function splitUnescaped(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === ',') {
      terms.push(text.slice(start, at))
      start = at + 1
    }
  }
  terms.push(text.slice(start))
  return terms
}

function parseTerm(term: string, text: string): FieldRequirement {
  const found = /^([^=!\\]*)(!=|==|=)(.*)$/s.exec(term)
  if (found === null) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`)
  const [, path = '', operator, value = ''] = found
  return { path: path.trim(), operator: operator === '!=' ? '!=' : '=', value: unescape(value) }
}

const escape = (value: string): string => value.replace(/[\\,=]/g, '\\$&')

function unescape(value: string): string {
  const bare = value.replace(/\\[\\,=]/g, '')
  if (bare.includes('\\')) throw new SelectorError(`invalid escape sequence in '${value}'`)
  if (/[,=]/.test(bare)) throw new SelectorError(`unescaped character in '${value}'`)
  return value.replace(/\\([\\,=])/g, '$1')
}

/** Finds the lines of a YAML text that a server's field errors mean. */
import { isMap, isSeq, type Document, LineCounter, parseDocument } from 'yaml'

type Step = string | number

/** `spec.containers[0].env[A.B]` → the steps to that field. */
export function parseFieldPath(path: string): Step[] {
  const steps: Step[] = []
  for (const [, name, inside] of path.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    if (name !== undefined) steps.push(name)
    else if (inside !== undefined) steps.push(/^\d+$/.test(inside) ? Number(inside) : inside)
  }
  return steps
}

/** The line, from 1, of the deepest part of the path that the text has. */
export function lineOfField(text: string, path: string): number | undefined {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const offset = offsetOf(document, parseFieldPath(path))
  return offset === undefined ? undefined : lines.linePos(offset).line
}

function offsetOf(document: Document, steps: readonly Step[]): number | undefined {
  let offset: number | undefined
  let at: unknown = document.contents
  for (const step of steps) {
    if (isMap(at)) {
      const pair = at.items.find(({ key }) => String(key) === String(step))
      if (pair === undefined) break
      offset = rangeStart(pair.key) ?? offset
      at = pair.value
    } else if (isSeq(at) && typeof step === 'number') {
      at = at.items[step]
      offset = rangeStart(at) ?? offset
    } else break
  }
  return offset
}

function rangeStart(node: unknown): number | undefined {
  const { range } = (node ?? {}) as { range?: readonly [number, number, number] | null }
  return range?.[0]
}

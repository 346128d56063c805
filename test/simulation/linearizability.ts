/**
 * Says whether a recorded history could have come from one register per key that does one thing at a time (the search of
 * Wing and Gong: at each step try every call that may have been next, and never try the same state twice).
 */

export type Input =
  | { readonly type: 'get'; readonly key: string }
  /** `expected`: the mod revision that the key must have; 0: it must not exist. */
  | { readonly type: 'put'; readonly key: string; readonly value: string; readonly expected?: number }
  | { readonly type: 'delete'; readonly key: string; readonly expected?: number }

/** What stands at a key. */
export interface Standing {
  readonly value: string
  readonly modRevision: number
}

export type Output =
  | { readonly type: 'read'; readonly standing: Standing | undefined }
  | { readonly type: 'done'; readonly revision: number }
  /** An expectation did not hold, for this stood there. */
  | { readonly type: 'conflict'; readonly standing: Standing | undefined }
  /** No answer came: the call may have taken effect, now or later, or not. */
  | { readonly type: 'unknown' }

export interface Call {
  readonly client: number
  /** Instants of one clock; what was never answered ends at Infinity. */
  readonly startedAt: number
  readonly endedAt: number
  readonly input: Input
  readonly output: Output
}

interface Register {
  readonly standing: { readonly value: string; readonly modRevision: number | undefined } | undefined
  /** The newest revision that this key is known to have had. */
  readonly newest: number
}

/** What no order of the calls explains, in words; undefined: some order explains each key. */
export function registerAnomaly(calls: readonly Call[]): string | undefined {
  for (const [key, ofKey] of Map.groupBy(calls, ({ input }) => input.key)) {
    const sorted = ofKey.toSorted((one, other) => one.startedAt - other.startedAt)
    const stuck = furthestFailure(sorted)
    if (stuck !== undefined) return `no order of the calls on ${key} explains ${describe(stuck)}`
  }
  return undefined
}

/** Acknowledged writes that follow one another have rising revisions, and no revision is given to two of them. */
export function revisionAnomaly(calls: readonly Call[]): string | undefined {
  const writes = calls.flatMap((call) =>
    call.output.type === 'done' && changesForSure(call.input) ? [{ call, revision: call.output.revision }] : [],
  )
  const owners = new Map<number, Call>()
  for (const { call, revision } of writes) {
    const owner = owners.get(revision)
    if (owner !== undefined) return `revision ${revision} belongs to ${describe(owner)} and to ${describe(call)}`
    owners.set(revision, call)
  }
  const byEnd = writes.toSorted((one, other) => one.call.endedAt - other.call.endedAt)
  let ended = 0
  let newest = 0
  for (const { call, revision } of writes.toSorted((one, other) => one.call.startedAt - other.call.startedAt)) {
    for (let next = byEnd[ended]; next !== undefined && next.call.endedAt < call.startedAt; next = byEnd[++ended])
      newest = Math.max(newest, next.revision)
    if (revision <= newest) return `${describe(call)} began after revision ${newest} was acknowledged`
  }
  return undefined
}

/** A delete without an expectation may have found nothing, and then it makes no revision. */
export const changesForSure = (input: Input): boolean =>
  input.type === 'put' || (input.type === 'delete' && (input.expected ?? 0) > 0)

export function describe({ client, input, output }: Call): string {
  const { type, key } = input
  const expected = 'expected' in input && input.expected !== undefined ? ` if at ${input.expected}` : ''
  return `client ${client}: ${type} ${key}${type === 'put' ? `=${input.value}` : ''}${expected} → ${JSON.stringify(output)}`
}

/** Searches depth first; undefined when all answered calls find a place, else the call that no attempt got beyond. */
function furthestFailure(calls: readonly Call[]): Call | undefined {
  const done = calls.map(() => false)
  const tried = new Set<string>()
  const answered = calls.filter(({ output }) => output.type !== 'unknown').length
  let furthest = 0
  let stuck: Call | undefined
  const search = (from: number, left: number, register: Register): boolean => {
    if (left === 0) return true
    while (done[from] === true) from++
    const state = `${from} ${ahead(done, from)} ${JSON.stringify(register)}`
    if (tried.has(state)) return false
    tried.add(state)
    if (from >= furthest) {
      furthest = from
      stuck = calls[from]
    }
    // Whatever begins after another has ended cannot come before it.
    let firstEnd = Infinity
    for (let place = from; place < calls.length; place++) {
      const call = calls[place]
      if (call === undefined || call.startedAt > firstEnd) break
      if (done[place] === true) continue
      firstEnd = Math.min(firstEnd, call.endedAt)
      const next = step(register, call)
      if (next === undefined) continue
      done[place] = true
      if (search(from, left - (call.output.type === 'unknown' ? 0 : 1), next)) return true
      done[place] = false
    }
    return false
  }
  return search(0, answered, { standing: undefined, newest: 0 }) ? undefined : stuck
}

function ahead(done: readonly boolean[], from: number): string {
  let last = done.lastIndexOf(true)
  let text = ''
  for (; last > from; last--) if (done[last] === true) text += `${last},`
  return text
}

/** The register after the call; undefined when the call could not have had its answer. */
function step(register: Register, { input, output }: Call): Register | undefined {
  const { standing } = register
  if (output.type === 'read') return agree(register, output.standing)
  const holds =
    !('expected' in input) ||
    input.expected === undefined ||
    input.expected === (standing === undefined ? 0 : (standing.modRevision ?? input.expected))
  if (output.type === 'conflict') return holds ? undefined : agree(register, output.standing)
  if (!holds || input.type === 'get') return undefined
  const revision = output.type === 'done' ? output.revision : undefined
  if (input.type === 'delete' && standing === undefined) return register
  if (revision !== undefined && revision <= register.newest) return undefined
  const newest = revision ?? register.newest
  return { standing: input.type === 'put' ? { value: input.value, modRevision: revision } : undefined, newest }
}

/** What is read must stand there; it may tell the revision of a write that was never answered. */
function agree(register: Register, read: Standing | undefined): Register | undefined {
  const { standing, newest } = register
  if (read === undefined || standing === undefined) return read === standing ? register : undefined
  if (read.value !== standing.value) return undefined
  if (read.modRevision !== (standing.modRevision ?? read.modRevision)) return undefined
  return { standing: read, newest: Math.max(newest, read.modRevision) }
}

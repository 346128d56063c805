/** Randomness and ids as every component sees them. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A whole number in [0, limit). */
  integer(limit: number): number
  /** A version 4 UUID. */
  uuid(): string
  /** `length` characters of the alphabet that Kubernetes uses for generated names. */
  suffix(length: number): string
}

/** No vowels and no look-alikes, so that no generated name is a word. */
const nameAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

function fromSource(next: () => number): Random {
  const integer = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    integer,
    uuid: () =>
      'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) =>
        (place === 'x' ? integer(16) : 8 + integer(4)).toString(16),
      ),
    suffix(length) {
      let text = ''
      for (let index = 0; index < length; index++) text += nameAlphabet.charAt(integer(nameAlphabet.length))
      return text
    },
  }
}

/** The same seed gives the same sequence, on every machine (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return fromSource(() => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  })
}

/** Words of the host's generator, drawn many at a time: a call costs more than the bytes. */
const pool = new Uint32Array(256)
let drawn = pool.length

/** The host's cryptographic generator. */
export const systemRandom: Random = {
  ...fromSource(() => {
    if (drawn === pool.length) {
      crypto.getRandomValues(pool)
      drawn = 0
    }
    return (pool[drawn++] ?? 0) / 4_294_967_296
  }),
  uuid: () => crypto.randomUUID(),
}

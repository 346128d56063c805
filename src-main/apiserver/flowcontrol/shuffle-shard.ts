/** Deals a flow a hand of queues: two flows rarely have the same hand, so that one heavy flow leaves others room. */

/** A 52-bit hash of a text (FNV-1a over two halves), the same in every run. */
export function flowHash(text: string): number {
  let low = 0x811c9dc5
  let high = 0x01000193
  for (let at = 0; at < text.length; at++) {
    low = Math.imul(low ^ text.charCodeAt(at), 0x01000193)
    high = Math.imul(high ^ text.charCodeAt(at), 0x85ebca6b)
  }
  return (high >>> 12) * 0x1_0000_0000 + (low >>> 0)
}

/** `handSize` different numbers below `queues`. */
export function dealHand(hash: number, queues: number, handSize: number): number[] {
  const hand: number[] = []
  let rest = hash
  for (let dealt = 0; dealt < Math.min(handSize, queues); dealt++) {
    const left = queues - dealt
    let card = rest % left
    rest = Math.floor(rest / left)
    // Counts over the cards that are still there.
    for (const taken of hand.toSorted((a, b) => a - b)) if (card >= taken) card++
    hand.push(card)
  }
  return hand
}

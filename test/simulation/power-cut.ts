/**
 * What a disk may hold after a power cut. What was flushed is there; of everything written since, any part may be there
 * or not: sectors arrive in any order, files have their old or new length, and the sector under way may be garbage.
 */
import type { Random } from '../../src-main/lib/random.ts'

/** The files of a store in WAL mode at one moment. */
export interface Image {
  readonly database: Buffer
  readonly log: Buffer
}

export interface Variant extends Image {
  readonly name: string
}

const sectorBytes = 512
/** SQLite flushes the header of a log that starts anew before it writes into it. */
const logHeaderBytes = 32

/**
 * Images between `flushed` and `now`. SQLite's own flushes are kept: the log before a checkpoint writes the database, the
 * database before the log starts anew (see https://sqlite.org/wal.html and `synchronous=NORMAL`).
 */
export function afterPowerCut(flushed: Image, now: Image, random: Random): Variant[] {
  if (startsAnew(flushed, now))
    return [
      { name: 'a new log that nothing of has arrived', database: now.database, log: flushed.log },
      ...mixtures(flushed.log, now.log, random).map(({ name, bytes }) => {
        now.log.copy(bytes, 0, 0, logHeaderBytes)
        return { name: `a new log with ${name}`, database: now.database, log: bytes }
      }),
    ]
  const logs = mixtures(flushed.log, now.log, random).map(({ name, bytes }) => ({
    ...{ name: `a log with ${name}`, database: flushed.database, log: bytes },
  }))
  if (flushed.database.equals(now.database)) return logs
  const databases = mixtures(flushed.database, now.database, random).map(({ name, bytes }) => ({
    ...{ name: `a checkpoint with ${name}`, database: bytes, log: now.log },
  }))
  return [...logs, ...databases]
}

export const startsAnew = (before: Image, now: Image): boolean =>
  !before.log.subarray(0, logHeaderBytes).equals(now.log.subarray(0, logHeaderBytes))

function mixtures(old: Buffer, now: Buffer, random: Random): { readonly name: string; readonly bytes: Buffer }[] {
  const changed = sectorsThatDiffer(old, now)
  if (changed.length === 0) return [{ name: 'nothing new', bytes: Buffer.from(now) }]
  const [first = 0] = changed
  const last = changed.at(-1) ?? 0
  const any = (): number => changed[random.integer(changed.length)] ?? 0
  const cut = any()
  const torn = any()
  const garbled = mix(old, now, (sector) => sector <= torn)
  // SQLite builds on this, with FULL as well: a write harms no byte beside those that it writes (powersafe overwrite).
  for (let place = torn * sectorBytes; place < Math.min(garbled.length, (torn + 1) * sectorBytes); place++)
    if (old[place] !== now[place]) garbled[place] = random.integer(256)
  return [
    { name: 'nothing of it', bytes: Buffer.from(old) },
    { name: 'all of it', bytes: Buffer.from(now) },
    { name: `what comes before sector ${cut}, cut off there`, bytes: cutOff(old, now, cut) },
    { name: `zeros from sector ${cut} on`, bytes: mix(old, now, (sector) => sector < cut) },
    { name: 'all but its first sector', bytes: mix(old, now, (sector) => sector !== first) },
    { name: 'all but its last sector', bytes: mix(old, now, (sector) => sector !== last) },
    { name: 'every other sector or so', bytes: mix(old, now, () => random.integer(2) === 0) },
    { name: `garbage in sector ${torn}, where it ends`, bytes: garbled },
  ]
}

/** Sectors from `now` where `arrived` says so, else from `old`; zeros where that had none. */
function mix(old: Buffer, now: Buffer, arrived: (sector: number) => boolean): Buffer {
  const bytes = Buffer.alloc(Math.max(old.length, now.length))
  old.copy(bytes)
  for (const sector of sectorsThatDiffer(old, now))
    if (arrived(sector)) {
      const start = sector * sectorBytes
      bytes.fill(0, start, Math.min(bytes.length, start + sectorBytes))
      // A file that became shorter has nothing there any more.
      if (start < now.length) now.copy(bytes, start, start, start + sectorBytes)
    }
  return bytes
}

/** A file that was growing ends at the sector; one that was overwritten keeps its length. */
function cutOff(old: Buffer, now: Buffer, sector: number): Buffer {
  const bytes = mix(old, now, (place) => place < sector)
  return bytes.subarray(0, Math.max(old.length, Math.min(bytes.length, sector * sectorBytes)))
}

function sectorsThatDiffer(old: Buffer, now: Buffer): number[] {
  const sectors = Math.ceil(Math.max(old.length, now.length) / sectorBytes)
  return Array.from({ length: sectors }, (_, sector) => sector).filter((sector) => {
    const start = sector * sectorBytes
    return !old.subarray(start, start + sectorBytes).equals(now.subarray(start, start + sectorBytes))
  })
}

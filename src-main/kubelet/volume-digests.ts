import { createHash } from 'node:crypto'
import type { TarEntry } from '../lib/tar.ts'

/** Remembers what each pod's volumes were last written with, so that nothing is written twice. */
export class VolumeDigests {
  private readonly pods = new Map<string, ReadonlyMap<string, string>>()

  /** Whether the pod's volumes were written by this kubelet. */
  knows(podUid: string): boolean {
    return this.pods.has(podUid)
  }

  /** Takes the new state of the volumes (by name); returns the names of those that differ from what was written. */
  replace(podUid: string, digests: ReadonlyMap<string, string>): string[] {
    const before = this.pods.get(podUid)
    this.pods.set(podUid, digests)
    return [...digests].filter(([name, digest]) => before?.get(name) !== digest).map(([name]) => name)
  }

  forget(podUid: string): void {
    this.pods.delete(podUid)
  }
}

/** Of what the files say, not of when they were written: names that begin with two dots are left out. */
export function entriesDigest(entries: readonly TarEntry[]): string {
  const hash = createHash('sha256')
  for (const entry of entries) {
    if (entry.type !== 'file') continue
    hash.update(`${entry.path.replace(/\/\.\.\d+\//, '/')} ${entry.mode} ${entry.content.length} `)
    hash.update(entry.content)
  }
  return hash.digest('hex')
}

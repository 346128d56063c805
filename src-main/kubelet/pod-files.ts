/** The files of pods on the worker. */
import type { Clock } from '../lib/clock.ts'
import { execOrThrow, type Machine } from '../machines/machine.ts'
import { tarArchive, type TarEntry } from './volumes/tar.ts'

export const podsFolder = '/var/lib/kubelet/pods'

export const podFolder = (podUid: string): string => `${podsFolder}/${podUid}`

export interface PodFiles {
  /** Writes all entries in one step; folders above them are made. */
  write(entries: readonly TarEntry[]): Promise<void>
  /** Undefined when there is no such file. */
  read(path: string): Promise<string | undefined>
  /** Removes all of the pod's files. */
  removePod(podUid: string): Promise<void>
  /** Runs a command on the worker; throws when it fails. */
  run(command: readonly string[]): Promise<void>
}

export function createPodFiles(machine: Machine, clock: Clock): PodFiles {
  return {
    async write(entries) {
      if (entries.length === 0) return
      const archive = tarArchive(entries, clock.now())
      await execOrThrow(machine, ['tar', '-xpf', '-', '-C', '/'], { stdin: archive })
    },
    async read(path) {
      try {
        return Buffer.from(await machine.readFile(path)).toString('utf8')
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'NotFound') return undefined
        throw error
      }
    },
    async removePod(podUid) {
      if (!/^[\w-]+$/.test(podUid)) throw new Error(`${podUid} cannot be the uid of a pod`)
      await execOrThrow(machine, ['rm', '-rf', '--one-file-system', podFolder(podUid)])
    },
    async run(command) {
      await execOrThrow(machine, command)
    },
  }
}

/** For nodes without a worker behind them. */
export const noFiles: PodFiles = {
  write: () => Promise.resolve(),
  read: () => Promise.resolve(undefined),
  removePod: () => Promise.resolve(),
  run: () => Promise.resolve(),
}

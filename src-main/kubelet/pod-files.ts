/** The files of pods on the worker. */
import type { Clock } from '../lib/clock.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { execOrThrow, type Machine } from '../machines/machine.ts'
import { tarArchive, type TarEntry } from '../lib/tar.ts'

export const podsFolder = '/var/lib/kubelet/pods'

export const podFolder = (podUid: string): string => `${podsFolder}/${podUid}`

export interface PodFiles {
  /** Writes all entries in one step, with the folders above them, and then runs commands on the worker, in order. */
  write(entries: readonly TarEntry[], commands?: readonly (readonly string[])[]): Promise<void>
  /** Undefined when there is no such file. */
  read(path: string): Promise<string | undefined>
  /** Removes all of the pod's files. */
  removePod(podUid: string): Promise<void>
  /** The pods that have a folder on the worker. */
  podUids(): Promise<string[]>
  /** The real path of `path`, which is made as a folder when it is not there; undefined when it is not below `root`. */
  resolve(root: string, path: string): Promise<string | undefined>
}

/** Argument: the pod's folder. Memory volumes are mounts below it. */
const removeScript = `awk -v root="$1/" 'index($2, root) == 1 { print $2 }' /proc/mounts | sort -r | while read -r point; do umount -l "$point"; done
rm -rf --one-file-system "$1"`

/** Arguments: a volume's path, and one below it. A link may lead anywhere: nothing is made before the path is known. */
const resolveScript = `root=$(realpath "$1") && real=$(realpath -m "$2") || exit 1
case $real in "$root"/*) ;; *) exit 0 ;; esac
[ -e "$real" ] || mkdir -p "$real"
echo "$real"`

/** Linux takes 128 KiB as one argument; a volume's line has about 600 bytes. */
const linesAtOnce = 100

export function createPodFiles(machine: Machine, clock: Clock): PodFiles {
  return {
    async write(entries, commands = []) {
      if (entries.length === 0) return
      const archive = tarArchive(entries, clock.now())
      const lines = commands.map((command) => command.map(shellQuote).join(' '))
      // One way to the worker for as much as a command line can hold.
      const first = ['set -e', 'tar -xpf - -C /', ...lines.slice(0, linesAtOnce)].join('\n')
      await execOrThrow(machine, ['sh', '-c', first], { stdin: archive })
      for (let from = linesAtOnce; from < lines.length; from += linesAtOnce) {
        const next = ['set -e', ...lines.slice(from, from + linesAtOnce)].join('\n')
        await execOrThrow(machine, ['sh', '-c', next])
      }
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
      await execOrThrow(machine, ['sh', '-c', removeScript, 'sh', podFolder(podUid)])
    },
    async podUids() {
      const { stdout } = await machine.exec(['ls', '-1', podsFolder])
      return stdout.split('\n').filter((name) => name !== '')
    },
    async resolve(root, path) {
      const real = (await execOrThrow(machine, ['sh', '-c', resolveScript, 'sh', root, path])).trim()
      return real === '' ? undefined : real
    },
  }
}

/** For nodes without a worker behind them. */
export const noFiles: PodFiles = {
  write: () => Promise.resolve(),
  read: () => Promise.resolve(undefined),
  removePod: () => Promise.resolve(),
  podUids: () => Promise.resolve([]),
  resolve: (_root, path) => Promise.resolve(path),
}

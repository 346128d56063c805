/** The files on the worker in which containers leave their last words. */
import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { TarEntry } from '../lib/tar.ts'
import { attemptsOf, containerEntries, type PodContainers } from './pod-containers.ts'
import { podFolder } from './pod-files.ts'

/** Where one attempt of a container writes its last words. */
export const terminationLog = (podUid: string, container: string, attempt: number): TarEntry & { type: 'file' } => ({
  path: `${podFolder(podUid)}/containers/${container}/${attempt}`,
  type: 'file',
  mode: 0o666,
  content: new Uint8Array(),
})

/**
 * Those of the containers that had no attempt yet, whichever sandbox of the pod this is: an earlier one may have failed
 * before its containers began. What a container has written meanwhile stays.
 */
export function firstTerminationLogs({ metadata, spec }: Live<Pod>, observed: PodContainers): TarEntry[] {
  return containerEntries(spec)
    .filter(({ container }) => attemptsOf(observed, container.name).length === 0)
    .map(({ container }) => terminationLog(metadata.uid, container.name, 0))
}

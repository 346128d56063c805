/** The images that every real worker has without a registry: written here, from the host's static busybox. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TarEntry } from '../lib/tar.ts'
import { dockerArchive, type ImageRecipe } from './images/docker-archive.ts'

export interface BundledImage {
  readonly name: string
  /** What `docker load` reads. */
  readonly archive: Uint8Array
}

export interface BundledImagesOptions {
  /** A statically linked busybox, as Debian's busybox-static brings. */
  readonly busyboxPath: string
  /** Where `resources/` of the repository lies at run time. */
  readonly resourcesFolder: string
  /** Node's word for the processor of the workers; the host's by default. */
  readonly architecture?: string
}

/** Holds a pod's namespaces. */
export const pauseImage = 'orrery.dev/pause:1'
/** Every program of busybox. */
export const busyboxImage = 'orrery.dev/busybox:1'
/** Answers on port 80 with its pod's name. */
export const webImage = 'orrery.dev/web:1'

const environment = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']
const dockerArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', arm: 'arm', arm64: 'arm64' }

/** The archives of all bundled images; the same inputs give the same bytes. */
export async function bundledImages(options: BundledImagesOptions): Promise<readonly BundledImage[]> {
  const { busyboxPath, resourcesFolder, architecture: wanted = process.arch } = options
  const architecture = dockerArchitectures[wanted] ?? wanted
  const resource = (file: string): Promise<Uint8Array> => readFile(join(resourcesFolder, 'images', file))
  const { stdout } = await promisify(execFile)(busyboxPath, ['--list-full'])
  const base = busyboxLayer(await readFile(busyboxPath), stdout.trim().split('\n'))
  const program = async (path: string, file: string): Promise<TarEntry[]> => [
    { path, type: 'file', mode: 0o755, content: await resource(file) },
  ]
  const plain = { architecture, environment, command: ['sh'] }
  const recipes: ImageRecipe[] = [
    architecture === 'amd64'
      ? { ...plain, name: pauseImage, command: ['/pause'], layers: [await program('pause', 'pause-amd64')] }
      : { ...plain, name: pauseImage, command: ['/pause'], layers: [base, await program('pause', 'pause.sh')] },
    { ...plain, name: busyboxImage, layers: [base] },
    { ...plain, name: webImage, command: ['/web'], ports: [80], layers: [base, await program('web', 'web.sh')] },
  ]
  return recipes.map((recipe) => ({ name: recipe.name, archive: dockerArchive(recipe) }))
}

/** A root file system of one program, with a link for each of its names (`bin/sh`, `usr/bin/wget`, …). */
export function busyboxLayer(busybox: Uint8Array, links: readonly string[]): TarEntry[] {
  const folder = (path: string, mode = 0o755): TarEntry => ({ path, type: 'directory', mode })
  const file = (path: string, content: string): TarEntry => ({
    path,
    type: 'file',
    mode: 0o644,
    content: Buffer.from(content),
  })
  return [
    ...['bin', 'etc', 'home', 'sbin', 'usr', 'usr/bin', 'usr/sbin', 'var'].map((path) => folder(path)),
    folder('root', 0o700),
    folder('tmp', 0o1777),
    file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n'),
    file('etc/group', 'root:x:0:\nnogroup:x:65534:\n'),
    { path: 'bin/busybox', type: 'file', mode: 0o755, content: busybox },
    ...links
      .filter((path) => /^(usr\/)?s?bin\/[^/]+$/.test(path) && path !== 'bin/busybox')
      .sort()
      .map((path) => ({ path, type: 'link' as const, mode: 0o777, target: '/bin/busybox' })),
  ]
}

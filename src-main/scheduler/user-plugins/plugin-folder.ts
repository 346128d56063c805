/** Plugins from files of one folder, which is watched. */
import { watch, type FSWatcher } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError, type Log } from '../../lib/log.ts'
import { pluginNameOfFile } from './plugin-source.ts'
import type { UserPlugins } from './user-plugins.ts'

/** Editors write in several steps; what counts is how the file is afterwards. */
const settleMs = 100

export interface PluginFolderOptions {
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
}

export function followPluginFolder({ folder, clock, log }: PluginFolderOptions, plugins: UserPlugins): Disposable {
  const loaded = new Set<string>()
  let watcher: FSWatcher | undefined
  let timer: Disposable | undefined
  let isEnded = false
  let reading: Promise<void> = Promise.resolve()

  const read = async (): Promise<void> => {
    const files = (await readdir(folder)).sort()
    // A file that has gone since is no plugin any more.
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8').catch(() => undefined)))
    if (isEnded) return
    const present = new Set<string>()
    files.forEach((file, index) => {
      const name = pluginNameOfFile(file)
      const text = texts[index]
      if (name === undefined || text === undefined) return
      const origin = join(folder, file)
      present.add(origin)
      plugins.set(`file ${origin}`, { name, text, origin })
    })
    for (const origin of loaded) if (!present.has(origin)) plugins.set(`file ${origin}`, undefined)
    loaded.clear()
    for (const origin of present) loaded.add(origin)
  }
  const readSoon = (): void => {
    if (timer !== undefined || isEnded) return
    timer = clock.after(settleMs, () => {
      timer = undefined
      reading = reading.then(read).catch(complain)
    })
  }
  const complain = (error: unknown): void => log.warn(`cannot read plugins from ${folder}: ${describeError(error)}`)
  const begin = async (): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (isEnded) return
    watcher = watch(folder, readSoon)
    watcher.on('error', complain)
    await read()
  }
  reading = begin().catch(complain)
  return {
    dispose: async () => {
      isEnded = true
      void timer?.dispose()
      watcher?.close()
      await reading
    },
  }
}

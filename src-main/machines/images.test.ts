import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundledImages, busyboxLayer } from './images.ts'

const busyboxPath = '/usr/bin/busybox'
const resourcesFolder = join(import.meta.dirname, '../../resources')
const list = (archive: Uint8Array): string[] =>
  execFileSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8', maxBuffer: 1 << 28 })
    .trim()
    .split('\n')
const member = (archive: Uint8Array, path: string): string =>
  execFileSync('tar', ['-xOf', '-', path], { input: archive, encoding: 'utf8' })

describe.skipIf(!existsSync(busyboxPath))('the bundled images', () => {
  it('are the same bytes each time', async () => {
    const [first, second] = [
      await bundledImages({ busyboxPath, resourcesFolder }),
      await bundledImages({ busyboxPath, resourcesFolder }),
    ]
    expect(first.map(({ name }) => name)).toEqual(['orrery.dev/pause:1', 'orrery.dev/busybox:1', 'orrery.dev/web:1'])
    expect(first.map(({ archive }) => Buffer.from(archive))).toEqual(second.map(({ archive }) => Buffer.from(archive)))
  })

  it('are named by the digest of what they hold', async () => {
    for (const { name, archive } of await bundledImages({ busyboxPath, resourcesFolder })) {
      const [manifest] = JSON.parse(member(archive, 'manifest.json')) as { Config: string; RepoTags: string[] }[]
      expect(manifest?.RepoTags).toEqual([name])
      const config = member(archive, manifest?.Config ?? '')
      expect(manifest?.Config).toBe(`${createHash('sha256').update(config).digest('hex')}.json`)
    }
  })

  it('share the busybox layer', async () => {
    const [, busybox, web] = await bundledImages({ busyboxPath, resourcesFolder })
    const layers = (archive: Uint8Array): string[] => list(archive).filter((path) => path.endsWith('layer.tar'))
    expect(layers(web!.archive)[0]).toBe(layers(busybox!.archive)[0])
  })

  it('have a small pause where there is one, and a script of busybox elsewhere', async () => {
    const sizes = await Promise.all(
      ['x64', 'riscv64'].map(async (architecture) => {
        const [pause] = await bundledImages({ busyboxPath, resourcesFolder, architecture })
        return pause!.archive.length
      }),
    )
    expect(sizes[0]).toBeLessThan(10_000)
    expect(sizes[1]).toBeGreaterThan(100_000)
  })
})

describe('the busybox layer', () => {
  it('links every program, and nothing outside of the program folders', () => {
    const entries = busyboxLayer(new Uint8Array(1), ['usr/bin/wget', 'bin/sh', 'bin/busybox', 'linuxrc', '../etc/x'])
    expect(entries.filter(({ type }) => type === 'link').map(({ path }) => path)).toEqual(['bin/sh', 'usr/bin/wget'])
  })
})

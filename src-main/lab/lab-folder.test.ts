import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../lib/random.ts'
import { systemClock } from '../lib/system-clock.ts'
import { chooseNetworks, openLabFolder, readLabFolder, refuseEmptyStore, routedNetworks } from './lab-folder.ts'

describe('the lab folder', () => {
  let home: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'orrery-lab-'))
  })
  afterEach(() => rm(home, { recursive: true }))

  it('keeps its identity from one opening to the next, readable by its owner alone', async () => {
    const first = await openLabFolder(home, 'default', { clock: systemClock, random: seededRandom(1) }, [])
    const second = await openLabFolder(home, 'default', { clock: systemClock, random: seededRandom(2) }, [])
    expect(second).toEqual(first)
    expect((await stat(join(first.path, 'lab.json'))).mode & 0o777).toBe(0o600)
  })

  it('is made once when several ask for it at the same moment', async () => {
    const opened = await Promise.all(
      [1, 2, 3, 4].map((seed) =>
        openLabFolder(home, 'default', { clock: systemClock, random: seededRandom(seed) }, []),
      ),
    )
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1)
    expect(await readLabFolder(home, 'default')).toEqual(opened[0])
  })

  it('is absent until it is made', async () => {
    expect(await readLabFolder(home, 'default')).toBeUndefined()
  })

  it('says which file is damaged and what to do', async () => {
    const folder = await openLabFolder(home, 'default', { clock: systemClock, random: seededRandom(1) }, [])
    await writeFile(join(folder.path, 'lab.json'), '{"id":"../x"}')
    await expect(readLabFolder(home, 'default')).rejects.toMatchObject({ code: 'Damaged' })
  })

  it('takes an empty store file for a new store only in a lab that was never used', async () => {
    const folder = await openLabFolder(home, 'default', { clock: systemClock, random: seededRandom(1) }, [])
    await refuseEmptyStore(folder)
    await writeFile(folder.storeFile, '')
    await refuseEmptyStore(folder)
    await writeFile(folder.kubeconfigFile, 'kind: Config')
    await expect(refuseEmptyStore(folder)).rejects.toMatchObject({ code: 'Damaged' })
    await writeFile(folder.storeFile, 'content')
    await refuseEmptyStore(folder)
  })
})

describe('chooseNetworks', () => {
  it('avoids what the host already routes', () => {
    const free = chooseNetworks(seededRandom(1), [])
    const prefix = free.machines.split('.').slice(0, 2).join('.')
    expect(chooseNetworks(seededRandom(1), [`${prefix}.0.0`]).machines).not.toBe(free.machines)
  })
})

describe('routedNetworks', () => {
  it('reads the destinations of the kernel table', () => {
    const table = 'Iface\tDestination\tGateway\neth0\t00000000\t0100A8C0\neth0\t00004D0A\t00000000\n'
    expect(routedNetworks(table)).toEqual(['0.0.0.0', '10.77.0.0'])
  })
})

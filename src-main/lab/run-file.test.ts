import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAlive, readRunFile, removeRunFile, writeRunFile } from './run-file.ts'

describe('the run file', () => {
  let folder: string
  const uiUrl = 'http://127.0.0.1:1/?token=t'
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orrery-run-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('tells which process has the lab, to the owner alone', async () => {
    await writeRunFile(folder, { pid: process.pid, uiUrl })
    expect(await readRunFile(folder)).toEqual({ pid: process.pid, uiUrl })
    expect((await stat(join(folder, 'run.json'))).mode & 0o777).toBe(0o600)
    await removeRunFile(folder)
    expect(await readRunFile(folder)).toBeUndefined()
  })

  it('tells of an app that has no address yet', async () => {
    await writeRunFile(folder, { pid: process.pid })
    expect(await readRunFile(folder)).toEqual({ pid: process.pid })
  })

  it('counts for nothing when its process has ended, or is only half written', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    await writeRunFile(folder, { pid: child.pid ?? -1, uiUrl })
    expect(await readRunFile(folder)).toBeUndefined()
    await writeFile(join(folder, 'run.json'), '{"pid":')
    expect(await readRunFile(folder)).toBeUndefined()
  })

  it.runIf(process.platform === 'linux')('is not fooled by another process of the same number', async () => {
    await writeRunFile(folder, { pid: process.pid, uiUrl })
    const content = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as object
    await writeFile(join(folder, 'run.json'), JSON.stringify({ ...content, started: 'another boot 12' }))
    expect(await readRunFile(folder)).toBeUndefined()
  })
})

describe('isAlive', () => {
  it.runIf(process.platform === 'linux')('is false for a process whose parent has not collected it', async () => {
    // The shell starts a program and becomes another that never waits for it.
    const child = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [text] = (await once(child.stdout, 'data')) as [Buffer]
    await expect.poll(() => isAlive(Number(text.toString()))).toBe(false)
    expect(isAlive(child.pid ?? -1)).toBe(true)
    child.kill()
  })
})

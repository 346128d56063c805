/** What keeps Orrery from starting, or from starting as asked: said clearly, with the way out, and nothing lost. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, truncateSync, writeFileSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKubectl, kubectlMissing } from '../support/kubectl.ts'
import { removeLab, startOrrery, type OrreryProcess } from '../support/orrery-process.ts'
import { until } from '../support/until.ts'

const simulated = ['--provider', 'simulated', '--workers', '1']
const isRoot = process.getuid?.() === 0
const nobody = 65_534

describe('a start that cannot be as asked', () => {
  let home: string
  const started: OrreryProcess[] = []
  const start = (...options: Parameters<typeof startOrrery>): OrreryProcess => {
    const orrery = startOrrery(...options)
    started.push(orrery)
    return orrery
  }

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'orrery-start-'))
  })
  afterEach(async () => {
    await Promise.all(started.splice(0).map((orrery) => orrery.stop()))
    await rm(home, { recursive: true, force: true })
  })

  const taken = async (port: number): Promise<Server> => {
    const server = createServer()
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    return server
  }
  const failure = async (orrery: OrreryProcess): Promise<string> => {
    expect(await orrery.exited).toBe(1)
    return String(orrery.lines.find((line) => 'error' in line && !('step' in line))?.['error'])
  }

  it('names a port that was asked for and is in use', async () => {
    const server = await taken(0)
    const { port } = server.address() as AddressInfo
    const error = await failure(start(home, [...simulated, '--port', String(port)]))
    expect(error).toContain(`port ${port} on 127.0.0.1 is in use`)
    expect(error).toContain('choose another port')
    server.close()
  })

  it('takes a free port when the usual one is in use, and says so', async () => {
    // Another program may have it already.
    const server = await taken(6443).catch(() => undefined)
    const orrery = start(home, simulated, { anyPort: false })
    await orrery.ready
    expect(orrery.lines).toContainEqual({ notice: 'port 6443 is in use by another program: taking a free one' })
    server?.close()
  })

  it.each([
    ['is full of something else', (file: string) => writeFileSync(file, 'a letter to my aunt\n'.repeat(500))],
    ['is empty', (file: string) => truncateSync(file)],
    ['is cut off', (file: string) => truncateSync(file, 5000)],
  ])('names a store file that %s, leaves it, and says how to go on', async (_what, damage) => {
    const first = start(home, simulated)
    await first.ready
    await first.stop()
    const file = join(home, 'labs/default/store.sqlite')
    rmSync(`${file}-wal`, { force: true })
    damage(file)
    const error = await failure(start(home))
    expect(error).toContain(file)
    expect(error).toMatch(/is damaged.*restore a snapshot \(npm run restore -- FILE\), or move it .*away to start anew/)
    rmSync(file)
    await start(home, simulated).ready
  })

  it('names a data folder that cannot be one', async () => {
    writeFileSync(join(home, 'file'), '')
    expect(await failure(start(join(home, 'file'), simulated))).toContain(join(home, 'file'))
  })

  it('names the process that has the lab already', async () => {
    const first = start(home, simulated)
    const { ui } = await first.ready
    const error = await failure(start(home, simulated))
    expect(error).toContain(`process ${first.pid}`)
    expect(error).toContain(ui)
  })

  it('keeps to the provider that the workers of a lab come from', async () => {
    const first = start(home, simulated)
    await first.ready
    await first.stop()
    expect(await failure(start(home, ['--provider', 'sandbox']))).toContain('come from the provider simulated')
  })

  /** Why nothing can be tried as another user; undefined when it can. */
  const userMissing = (): string | undefined => {
    if (!isRoot) return 'only root can start a program as another user'
    const script = join(import.meta.dirname, '../../out/main/serve.js')
    const { status } = spawnSync('cat', [process.execPath, script], { uid: nobody, gid: nobody, stdio: 'ignore' })
    return status === 0 ? undefined : 'other users may not read this folder'
  }

  it('offers simulated workers to a user who may not make real ones, and says what is missing', async ({ skip }) => {
    const missing = userMissing()
    if (missing !== undefined) skip(missing)
    chmodSync(home, 0o777)
    const own = join(home, 'own')
    const orrery = start(own, ['--workers', '1'], { user: nobody })
    await orrery.ready
    const notices = orrery.lines.map((line) => line['notice'])
    expect(notices).toContain('no sandbox workers here: sandbox workers need root. start Orrery as root')
    expect(notices).toContain('taking simulated workers instead')
    await orrery.stop()
    const insisting = start(join(home, 'other'), ['--provider', 'sandbox', '--workers', '1'], { user: nobody })
    const failed = await insisting.line((line) => line['state'] === 'failed')
    expect(failed['error']).toBe('sandbox workers need root; start Orrery as root, or take simulated workers')
  })

  it('names a data folder that the user may not write', async ({ skip }) => {
    const missing = userMissing()
    if (missing !== undefined) skip(missing)
    mkdirSync(join(home, 'closed'), { mode: 0o700 })
    chmodSync(home, 0o755)
    const error = await failure(start(join(home, 'closed/own'), simulated, { user: nobody }))
    expect(error).toContain(join(home, 'closed/own'))
  })

  it('refuses writes in clear words while the disk is full, and loses nothing', async ({ skip }) => {
    const missing = isRoot ? kubectlMissing() : 'only root can mount a small disk'
    if (missing !== undefined) skip(missing)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=5m', 'orrery-test', home])
    try {
      const orrery = start(home, simulated)
      const kubectl = createKubectl((await orrery.ready).kubeconfig)
      writeFileSync(join(home, 'filler'), Buffer.alloc(2_500_000))
      const content = join(home, '../', `orrery-content-${process.pid}`)
      writeFileSync(content, 'x'.repeat(200_000))
      const written: string[] = []
      let refusal = ''
      for (let number = 0; refusal === '' && number < 40; number++) {
        const result = await kubectl.try(['create', 'configmap', `c${number}`, `--from-file=${content}`])
        if (result.code === 0) written.push(`configmap/c${number}`)
        else refusal = result.stderr
      }
      expect(refusal).toContain('the store cannot take the write')
      expect(refusal).toContain('the disk is full: free some space')
      await orrery.line(({ notice }) => String(notice).includes('the store refuses writes'))
      const names = async (): Promise<string[]> =>
        (await kubectl.run(['get', 'configmaps', '-o', 'name']))
          .split('\n')
          .filter((name) => /\/c\d+$/.test(name))
          .sort()
      expect(await names()).toEqual([...written].sort())
      rmSync(join(home, 'filler'))
      await kubectl.run(['create', 'configmap', 'c99', `--from-file=${content}`])
      await orrery.line(({ notice }) => notice === 'the store takes writes again')
      rmSync(content)
      orrery.signal('SIGKILL')
      await orrery.exited
      const again = start(home)
      await again.ready
      const after = createKubectl((await again.ready).kubeconfig)
      const left = (await after.run(['get', 'configmaps', '-o', 'name'])).split('\n')
      for (const name of [...written, 'configmap/c99']) expect(left).toContain(name)
      await again.stop()
    } finally {
      await Promise.all(started.map((orrery) => orrery.stop()))
      execFileSync('umount', [home])
    }
  })

  it('removes a lab whose app is only starting, which does not outlive it', async () => {
    const first = start(home, simulated)
    const store = join(home, 'labs/default/store.sqlite-wal')
    await until('the app to have the lab', async () => existsSync(store), 20_000, 1)
    removeLab(home)
    await first.exited
    expect(existsSync(join(home, 'labs/default'))).toBe(false)
  })

  it('removes a lab, and does nothing where there is none', async () => {
    const first = start(home, simulated)
    await first.ready
    removeLab(home)
    await first.exited
    removeLab(home)
  })
})

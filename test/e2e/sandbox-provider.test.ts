import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog } from '../../src-main/lib/log.ts'
import { systemRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { execOrThrow, type Machine } from '../../src-main/machines/machine.ts'
import type { MachineProvider, MachineSpec, ProviderContext } from '../../src-main/machines/provider.ts'
import { bundledImages, busyboxImage, pauseImage, webImage } from '../../src-main/machines/images.ts'
import { createSandboxProvider } from '../../src-main/machines/providers/sandbox/provider.ts'
import { destroyLabMachines } from '../../src-main/machines/destroy-lab-machines.ts'
import { routeMetric } from '../../src-main/machines/providers/sandbox/network.ts'
import { sandboxMissing } from '../support/host-state.ts'

const reason = sandboxMissing()
const resourcesFolder = join(import.meta.dirname, '../../resources')

describe.skipIf(reason !== undefined)(
  `sandbox workers${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 60_000 },
  () => {
    let context: ProviderContext
    let other: ProviderContext
    let provider: MachineProvider
    let before: Record<string, string[]>
    const machines = new Map<string, Machine>()
    const specs: MachineSpec[] = [11, 12].map((last) => ({
      name: `worker-${last - 10}`,
      address: `10.29.7.${last}`,
      cpus: 2,
      memoryBytes: 2 ** 30,
    }))
    const [first, second] = specs as [MachineSpec, MachineSpec]

    const newProvider = (lab = context): MachineProvider =>
      createSandboxProvider(lab, {
        clock: systemClock,
        random: systemRandom,
        log: silentLog,
        resourcesFolder,
      })
    const start = async (spec: MachineSpec): Promise<string[]> => {
      const steps: string[] = []
      machines.set(spec.name, await provider.start(spec, (step) => steps.push(step)))
      return steps
    }
    const machine = (spec: MachineSpec): Machine => {
      const found = machines.get(spec.name)
      if (found === undefined) throw new Error(`${spec.name} was not started`)
      return found
    }
    const docker = (spec: MachineSpec, ...args: string[]): Promise<string> =>
      execOrThrow(machine(spec), ['docker', ...args])

    beforeAll(async () => {
      context = {
        labFolder: await mkdtemp(join(tmpdir(), 'orrery-sandbox-')),
        labId: `t${systemRandom.suffix(4)}`,
        networks: { machines: '10.29.7.0/24', pods: '10.244.0.0/16', services: '10.96.0.0/16' },
      }
      other = {
        labFolder: await mkdtemp(join(tmpdir(), 'orrery-other-')),
        labId: `u${systemRandom.suffix(4)}`,
        networks: { ...context.networks, machines: '10.29.8.0/24' },
      }
      before = traces(context.labId)
      provider = newProvider()
    })
    afterAll(async () => {
      for (const one of machines.values()) await one.dispose()
      await destroyLabMachines({ providers: [provider, newProvider(other)], log: silentLog })
      for (const { labFolder } of [context, other]) await rm(labFolder, { recursive: true, force: true })
    })

    it('are available here', async () => {
      expect(await provider.available()).toEqual({ available: true })
    })

    it('come up together, each with a Docker that answers', async () => {
      await Promise.all(
        specs.map(async (spec) => {
          await provider.create(spec, () => undefined)
          const steps = await start(spec)
          expect(steps).toEqual(['Connect to the network', 'Boot', 'Connect by SSH', 'Wait for Docker'])
        }),
      )
      expect(await provider.list()).toEqual(['worker-1', 'worker-2'])
      for (const spec of specs) expect(await docker(spec, 'ps', '--quiet')).toBe('')
      expect(await execOrThrow(machine(first), ['hostname'])).toBe('worker-1\n')
    })

    it('reach each other, and the host reaches them', async () => {
      expect((await machine(first).exec(['busybox', 'ping', '-c', '1', '-W', '2', second.address])).code).toBe(0)
      expect((await machine(second).exec(['busybox', 'ping', '-c', '1', '-W', '2', '10.29.7.1'])).code).toBe(0)
    })

    it('forward, and let rules see bridged packets', async () => {
      const read = (name: string): Promise<string> => execOrThrow(machine(first), ['cat', `/proc/sys/net/${name}`])
      expect(await read('ipv4/ip_forward')).toBe('1\n')
      expect(await read('ipv4/conf/all/route_localnet')).toBe('1\n')
      expect(await read('bridge/bridge-nf-call-iptables')).toBe('1\n')
    })

    it('see nothing of the host but its programs', async () => {
      const list = async (path: string): Promise<string[]> =>
        (await execOrThrow(machine(first), ['ls', '-A', path])).trim().split('\n').filter(Boolean)
      const shown = new Set(['bin', 'etc', 'lib', 'lib32', 'lib64', 'libx32', 'sbin', 'usr'])
      const own = new Set(['dev', 'home', 'mnt', 'opt', 'proc', 'root', 'run', 'sys', 'tmp', 'var'])
      for (const entry of await list('/')) expect(shown.has(entry) || own.has(entry), entry).toBe(true)
      expect(await list('/home')).toEqual([])
      expect(await list('/root')).toEqual([])
      expect(await execOrThrow(machine(first), ['cat', '/etc/shadow'])).toBe('root:*:::::::\n')
      expect((await machine(first).exec(['ls', context.labFolder])).code).not.toBe(0)
      expect((await machine(first).exec(['ls', '/etc/ssh'])).code).not.toBe(0)
      const environment = (await execOrThrow(machine(first), ['cat', '/proc/1/environ'])).split('\0').filter(Boolean)
      expect(environment.map((one) => one.split('=')[0]).sort()).toEqual(['LC_ALL', 'PATH', 'PWD'].sort())
      const mounts = await execOrThrow(machine(first), ['cat', '/proc/self/mounts'])
      expect(mounts).not.toContain('orrery/')
    })

    it('do not change the host by what they write', async () => {
      await execOrThrow(machine(first), ['touch', '/usr/bin/orrery-was-here', '/etc/orrery-was-here'])
      await expect(stat('/usr/bin/orrery-was-here')).rejects.toThrow()
      await expect(stat('/etc/orrery-was-here')).rejects.toThrow()
    })

    it('have the size of their spec', async () => {
      const files = ['/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory.max']
      const { stdout } = await machine(first).exec(['cat', ...files])
      expect(Number(stdout)).toBe(first.memoryBytes)
    })

    it('run the bundled images', async () => {
      const one = machine(first)
      for (const { archive } of await bundledImages({ busyboxPath: '/usr/bin/busybox', resourcesFolder }))
        expect(await one.exec(['docker', 'load'], { stdin: archive })).toMatchObject({ code: 0 })
      const run = (...args: string[]): Promise<string> => docker(first, 'run', '--network', 'none', ...args)
      expect(await run('--rm', busyboxImage, 'sh', '-c', 'echo $0 | tr a-z A-Z', 'hello')).toBe('HELLO\n')
      await run('--detach', '--name', 'web', '--hostname', 'web-0', webImage)
      const fetch = ['exec', 'web', 'wget', '-qO-', 'http://127.0.0.1/']
      await until(async () => (await one.exec(['docker', ...fetch])).stdout === 'web-0\n')
      expect((await one.exec(['docker', 'logs', 'web'])).stderr).toContain('url:/')
      await run('--detach', '--name', 'pause', pauseImage)
      for (const name of ['web', 'pause']) {
        const start = performance.now()
        await docker(first, 'stop', name)
        // Without an answer to SIGTERM, it takes ten seconds.
        expect(performance.now() - start).toBeLessThan(5_000)
        expect(await docker(first, 'inspect', '--format', '{{.State.ExitCode}}', name)).toBe('0\n')
        await docker(first, 'rm', name)
      }
    })

    it('ask registries through the app, and say what it found', async () => {
      const { code, stderr } = await machine(first).exec(['docker', 'pull', 'registry.invalid/nothing:1'])
      expect(code).not.toBe(0)
      expect(stderr).toContain('this computer does not find registry.invalid')
    })

    it('can be prepared as any machine can, twice', async () => {
      const one = machine(first)
      const names = ['prepare.sh', 'sysctls.sh', 'sysctls.conf', 'sshd.conf', 'daemon.json']
      for (const name of names)
        await one.writeFile(`/tmp/node/${name}`, await readFile(join(resourcesFolder, 'node', name)), 0o755)
      await one.writeFile('/etc/ssh/sshd_config', 'Include /etc/ssh/sshd_config.d/*.conf\n')
      await one.writeFile('/tmp/node/key.pub', 'ssh-ed25519 AAAA somebody\n')
      for (let time = 0; time < 2; time++) await execOrThrow(one, ['sh', '/tmp/node/prepare.sh', '/tmp/node/key.pub'])
      expect(await execOrThrow(one, ['cat', '/root/.ssh/authorized_keys'])).toBe('ssh-ed25519 AAAA somebody\n')
      for (const file of [
        '/etc/docker/daemon.json',
        '/etc/ssh/sshd_config.d/50-orrery.conf',
        '/etc/sysctl.d/90-orrery.conf',
      ])
        expect((await one.readFile(file)).length).toBeGreaterThan(0)
    })

    it('restart what dies', async () => {
      const one = machine(first)
      await execOrThrow(one, ['pkill', '-KILL', 'dockerd'])
      await until(async () => (await one.exec(['docker', 'ps'])).code === 0)
      await execOrThrow(one, ['sh', '-c', 'kill -KILL "$(cat /run/sshd.pid)"'])
      await one.dispose()
      const steps = await start(first)
      expect(steps[0]).toBe('Adopt the running worker')
    })

    it('are adopted by another app, with what runs on them', async () => {
      const marker = await execOrThrow(machine(first), ['cat', '/proc/sys/kernel/random/boot_id'])
      await execOrThrow(machine(first), ['sh', '-c', 'setsid sleep 1000 > /dev/null 2>&1 < /dev/null &'])
      await machine(first).dispose()
      provider = newProvider()
      expect(await start(first)).toEqual(['Adopt the running worker', 'Connect by SSH', 'Wait for Docker'])
      expect((await machine(first).exec(['pgrep', '-x', 'sleep'])).stdout).not.toBe('')
      expect(await execOrThrow(machine(first), ['cat', '/proc/sys/kernel/random/boot_id'])).toBe(marker)
    })

    it('keep their disk when they are stopped and started', async () => {
      await execOrThrow(machine(second), ['sh', '-c', 'echo kept > /var/lib/kept'])
      await machine(second).dispose()
      await provider.stop(second.name)
      const stopped = traces(context.labId)
      expect(stopped['links']).toEqual([`or-${context.labId}`])
      expect(await start(second)).toContain('Boot')
      expect(await execOrThrow(machine(second), ['cat', '/var/lib/kept'])).toBe('kept\n')
      expect((await machine(first).exec(['busybox', 'ping', '-c', '1', '-W', '2', second.address])).code).toBe(0)
    })

    it('say why they do not boot', async () => {
      await provider.create({ ...first, name: 'broken', address: '10.29.7.13' }, () => undefined)
      await rm(join(context.labFolder, 'sandbox/broken/work'), { recursive: true })
      await rm(join(context.labFolder, 'sandbox/broken/upper/usr'), { recursive: true, force: true })
      execFileSync('touch', [join(context.labFolder, 'sandbox/broken/work')])
      await expect(
        provider.start({ ...first, name: 'broken', address: '10.29.7.13' }, () => undefined),
      ).rejects.toMatchObject({ code: 'Failed', message: expect.stringContaining('work') })
      await provider.destroy('broken')
    })

    it('are removed by a lab of its own folder alone, also half made, and without harm to another lab', async () => {
      const beforeOther = traces(other.labId)
      const spec = (name: string, last: number): MachineSpec => ({ ...first, name, address: `10.29.8.${last}` })
      const maker = newProvider(other)
      for (const one of [spec('whole', 11), spec('crashed', 12), spec('lost', 13)]) {
        await maker.create(one, () => undefined)
        await (await maker.start(one, () => undefined)).dispose()
      }
      await maker.create(spec('unborn', 14), () => undefined)
      await rm(join(other.labFolder, 'sandbox/unborn/spec.json'))
      const kill = 'find "$1" -name cgroup.procs -exec cat {} + | xargs -r kill -KILL 2> /dev/null || :'
      execFileSync('sh', ['-c', kill, 'sh', groupOf(other, 'crashed')])
      await rm(join(other.labFolder, 'sandbox/lost'), { recursive: true, force: true })

      const removed = await destroyLabMachines({ providers: [newProvider(other)], log: silentLog })
      expect(removed).toEqual(['crashed', 'lost', 'unborn', 'whole'])
      expect(traces(other.labId)).toEqual(beforeOther)
      expect(await readdir(other.labFolder)).toEqual([])
      expect((await machine(first).exec(['busybox', 'ping', '-c', '1', '-W', '2', second.address])).code).toBe(0)
      expect(traces(context.labId)['blocked']).toHaveLength(2)
    })

    it('leave nothing behind when they are destroyed', async () => {
      for (const one of machines.values()) await one.dispose()
      machines.clear()
      await Promise.all(specs.map(({ name }) => provider.destroy(name)))
      await provider.cleanUp()
      expect(await provider.list()).toEqual([])
      expect(traces(context.labId)).toEqual(before)
      expect(await readdir(context.labFolder)).toEqual([])
    })
  },
)

/** All that a lab has on this host. */
function traces(labId: string): Record<string, string[]> {
  const lines = (command: string, ...args: string[]): string[] =>
    execFileSync(command, args, { encoding: 'utf8' }).split('\n').filter(Boolean)
  const own = (line: string): boolean => line.includes(labId)
  const metric = `metric ${routeMetric(labId)}`
  return {
    links: lines('ip', '-o', 'link')
      .filter(own)
      .map((line) => /^\d+: ([^@:]+)/.exec(line)?.[1] ?? '')
      .sort(),
    blocked: lines('ip', 'route').filter((line) => line.startsWith('unreachable') && line.includes(metric)),
    mounts: lines('cat', '/proc/self/mountinfo').filter(own),
    processes: lines('ps', '-eo', 'args').filter(own),
    cgroups: lines('find', '/sys/fs/cgroup', '-name', `*${labId}*`),
    run: lines('find', '/run', '-path', `*${labId}*`),
    rules: lines('iptables-save').filter((line) => /^-/.test(line) && own(line)),
  }
}

const groupOf = ({ labId }: ProviderContext, name: string): string =>
  execFileSync('find', ['/sys/fs/cgroup', '-path', `*orrery-${labId}/${name}`], { encoding: 'utf8' })
    .split('\n')
    .find((path) => path.includes('/pids/') || path.includes('/unified/')) ?? `/sys/fs/cgroup/orrery-${labId}/${name}`

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the condition did not come true')
}

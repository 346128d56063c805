import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { aContainer, aPod } from '../../../test/support/kubelet-builders.ts'
import type { Volume } from '../../api/types/core-v1.ts'
import { tarArchive } from '../../lib/tar.ts'
import { ConfigError } from '../config-error.ts'
import type { PreparedVolume, VolumeContext } from './volume.ts'
import { prepareVolumes, volumeMounts } from './volumes.ts'

const root = mkdtempSync(join(tmpdir(), 'orrery-volumes-'))
afterAll(() => rmSync(root, { recursive: true }))

const data: Record<string, string> = { a: 'AAA', b: 'BBB' }

function contextOf(volume: Volume, stamp = '1'): VolumeContext {
  return {
    pod: aPod({ volumes: [volume] }),
    facts: { nodeName: 'one', hostAddress: '10.0.0.1', podAddress: '10.244.0.2', cpus: 1, memoryBytes: 1 },
    stamp,
    config: {
      configMap: (_space, name) => Promise.resolve(name === 'settings' ? { data: { ...data } } : undefined),
      secret: () => Promise.resolve({ data: { key: Buffer.from('geheim').toString('base64') } }),
      services: () => [],
    },
    token: (audience = 'api') => Promise.resolve(`token for ${audience}`),
    image: (reference) => Promise.resolve(`sha256:of-${reference}`),
  }
}

/** Does on this host what the kubelet does on a worker. */
async function write(volume: Volume, stamp = '1'): Promise<string> {
  const prepared = await prepareVolumes(root, contextOf(volume, stamp))
  execFileSync('tar', ['-xpf', '-', '-C', '/'], {
    input: tarArchive(
      prepared.flatMap(({ entries }) => entries),
      0,
    ),
  })
  for (const [command = '', ...args] of prepared.flatMap(({ commands = [] }: PreparedVolume) => commands))
    execFileSync(command, args)
  const [mount] = volumeMounts(
    root,
    aPod({ volumes: [volume] }),
    aContainer('c', { volumeMounts: [{ name: volume.name, mountPath: '/m' }] }),
    new Map(),
  )
  return mount?.root ?? ''
}

const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8')
const shown = (folder: string): string[] => readdirSync(folder).filter((name) => !name.startsWith('..'))

describe('volumes', () => {
  it('of a config map hold its keys', async () => {
    const folder = await write({ name: 'one', configMap: { name: 'settings' } })
    expect(shown(folder)).toEqual(['a', 'b'])
    expect(read(folder, 'a')).toBe('AAA')
  })

  it('of a config map follow its changes in one step, and keep nothing of the old', async () => {
    const volume = { name: 'changing', configMap: { name: 'settings' } }
    await write(volume, '1')
    data['c'] = 'CCC'
    delete data['b']
    const folder = await write(volume, '2')
    expect(shown(folder)).toEqual(['a', 'c'])
    expect(readlinkSync(join(folder, '..data'))).toBe('..2')
    expect(readdirSync(folder)).not.toContain('..1')
  })

  it('hold chosen keys under other names, with their modes', async () => {
    const items = [{ key: 'a', path: 'deep/er/x', mode: 0o400 }]
    const folder = await write({ name: 'items', configMap: { name: 'settings', items } })
    expect(read(folder, 'deep/er/x')).toBe('AAA')
    expect(statSync(join(folder, 'deep/er/x')).mode & 0o777).toBe(0o400)
  })

  it('of projections hold the files of all sources', async () => {
    const sources = [
      { configMap: { name: 'settings', items: [{ key: 'a', path: 'a' }] } },
      { secret: { name: 'keys' } },
      { serviceAccountToken: { path: 'token', audience: 'vault' } },
      { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
    ]
    const folder = await write({ name: 'all', projected: { sources } })
    expect(['a', 'key', 'token', 'name'].map((name) => read(folder, name))).toEqual([
      'AAA',
      'geheim',
      'token for vault',
      'web-1',
    ])
  })

  it('that are empty can be written by everyone, and keep what is in them', async () => {
    const folder = await write({ name: 'scratch', emptyDir: {} })
    expect(statSync(folder).mode & 0o777).toBe(0o777)
  })

  it.each([
    [
      { name: 'v', configMap: { name: 'none' } },
      'MountVolume.SetUp failed for volume "v" : configmap "none" not found',
    ],
    [
      { name: 'v', configMap: { name: 'settings', items: [{ key: 'zz', path: 'z' }] } },
      'MountVolume.SetUp failed for volume "v" : references non-existent config key: zz',
    ],
    [
      { name: 'v', configMap: { name: 'settings', items: [{ key: 'a', path: '../../etc/passwd' }] } },
      'MountVolume.SetUp failed for volume "v" : ../../etc/passwd leads out of the volume',
    ],
    [
      { name: 'v', nfs: { server: 's', path: '/' } },
      'MountVolume.SetUp failed for volume "v" : volumes of kind nfs cannot be mounted on this node',
    ],
  ])('that cannot be had say why: %j', async (volume, message) => {
    await expect(prepareVolumes(root, contextOf(volume))).rejects.toMatchObject({ code: 'FailedMount', message })
  })
})

describe('mounts', () => {
  const pod = aPod({
    volumes: [
      { name: 'e', emptyDir: {} },
      { name: 'h', hostPath: { path: '/data' } },
    ],
  })
  const mountsOf = (...mounts: object[]): unknown =>
    volumeMounts(
      '/pods/u',
      pod,
      aContainer('c', { volumeMounts: mounts.map((one) => ({ name: 'e', mountPath: '/m', ...one })) }),
      new Map([['X', 'x']]),
    )

  it('lead to the volume, or to a place below it', () => {
    expect(mountsOf({}, { name: 'h', readOnly: true }, { subPathExpr: 'a/$(X)' })).toMatchObject([
      { source: '/pods/u/volumes/emptydir/e', readOnly: false },
      { source: '/data', readOnly: true },
      { source: '/pods/u/volumes/emptydir/e/a/x' },
    ])
  })

  it('never lead out of the volume', () => {
    expect(() => mountsOf({ subPath: '../x' })).toThrow("unable to provision SubPath `../x`: must not contain '..'")
    expect(() => mountsOf({ subPathExpr: '/$(X)' })).toThrow('must not be an absolute path')
    expect(() => mountsOf({ subPathExpr: '$(NOWHERE)' })).toThrow('missing value for "NOWHERE"')
  })

  it('need a volume of the pod', () => {
    expect(() => mountsOf({ name: 'zz' })).toThrow('the pod has no volume "zz"')
  })
})

describe('a volume of an image', () => {
  const image = (pullPolicy?: string): Volume => ({
    name: 'i',
    image: { reference: 'one:1', ...(pullPolicy === undefined ? {} : { pullPolicy }) },
  })

  it('shows the layers of the image that its reference stands for', async () => {
    const [prepared] = await prepareVolumes('/pods/u', contextOf(image()))
    expect(prepared?.commands?.[0]?.slice(-2)).toEqual(['sha256:of-one:1', '/pods/u/volumes/image/i'])
  })

  it('cannot be written to', () => {
    const container = aContainer('c', { volumeMounts: [{ name: 'i', mountPath: '/m', subPath: 'bin' }] })
    expect(volumeMounts('/pods/u', aPod({ volumes: [image()] }), container, new Map())).toMatchObject([
      { source: '/pods/u/volumes/image/i/bin', readOnly: true },
    ])
  })

  it('that cannot be had says what images say', async () => {
    const failure = new ConfigError('ErrImagePull', 'no such host')
    const context = { ...contextOf(image('Always')), image: () => Promise.reject(failure) }
    await expect(prepareVolumes('/pods/u', context)).rejects.toBe(failure)
  })
})

describe('archives', () => {
  it('carry long names and links as tar reads them', () => {
    const folder = `${root}/${'long-name/'.repeat(15)}end`
    const archive = tarArchive(
      [
        { path: folder, type: 'directory', mode: 0o700 },
        { path: `${folder}/file`, type: 'file', mode: 0o640, content: Buffer.from('x'.repeat(513)) },
        { path: `${folder}/link`, type: 'link', mode: 0o777, target: 'file' },
      ],
      0,
    )
    execFileSync('tar', ['-xpf', '-', '-C', '/'], { input: archive })
    expect(read(folder, 'link')).toHaveLength(513)
    expect(statSync(join(folder, 'file')).mode & 0o777).toBe(0o640)
  })
})

import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import { systemClock } from '../lib/system-clock.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { openPki, type PkiOptions } from './pki.ts'

const day = 86_400_000
let folder: string
let clock: VirtualClock

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orrery-pki-'))
  clock = new VirtualClock(Date.UTC(2026, 5, 1))
})
afterEach(() => rm(folder, { recursive: true }))

const options = (more: Partial<PkiOptions> = {}): PkiOptions => ({
  folder,
  lab: 'default',
  clock,
  random: systemRandom,
  log: silentLog,
  serviceAddress: '10.96.0.1',
  ...more,
})

describe('the certificates of a lab', () => {
  it('name every way to reach the server', async () => {
    const { server, ca } = await openPki(options({ extraNames: ['192.168.7.1', 'lab.example'] }))
    const certificate = new X509Certificate(server.certificate)
    for (const name of ['localhost', 'kubernetes', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'])
      expect(certificate.checkHost(name)).toBe(name)
    for (const address of ['127.0.0.1', '10.96.0.1', '192.168.7.1']) expect(certificate.checkIP(address)).toBe(address)
    expect(certificate.checkHost('lab.example')).toBe('lab.example')
    expect(certificate.verify(new X509Certificate(ca).publicKey)).toBe(true)
  })

  it('give the administrator the group that may do everything', async () => {
    const { admin } = await openPki(options())
    expect(new X509Certificate(admin.certificate).subject.split('\n')).toEqual([
      'O=system:masters',
      'CN=kubernetes-admin',
    ])
  })

  it('are the same for all who open them at the same moment', async () => {
    const opening = Array.from({ length: 4 }, () => openPki(options({ clock: systemClock })))
    const opened = await Promise.all(opening)
    for (const part of ['ca', 'server', 'admin', 'serviceAccount'] as const)
      expect(new Set(opened.map((pki) => JSON.stringify(pki[part]))).size).toBe(1)
  })

  it('are used again while they are valid', async () => {
    const first = await openPki(options())
    const second = await openPki(options())
    expect(second).toMatchObject({ ca: first.ca, server: first.server, admin: first.admin })
    expect(second.serviceAccount).toEqual(first.serviceAccount)
  })

  it('are renewed near their end, under the same authority', async () => {
    const first = await openPki(options())
    await clock.advance(340 * day)
    const second = await openPki(options())
    expect(second.ca).toBe(first.ca)
    expect(second.server.certificate).not.toBe(first.server.certificate)
    expect(Date.parse(new X509Certificate(second.server.certificate).validTo)).toBeGreaterThan(clock.now() + 300 * day)
  })

  it('are issued anew when the server gets another name', async () => {
    const first = await openPki(options())
    const second = await openPki(options({ extraNames: ['10.1.1.1'] }))
    expect(second.server.certificate).not.toBe(first.server.certificate)
    expect(second.admin).toEqual(first.admin)
  })

  it('are issued anew when a file is damaged, and with a new authority all of them', async () => {
    const first = await openPki(options())
    await writeFile(join(folder, 'admin.crt'), 'nonsense')
    const second = await openPki(options())
    expect(second.server).toEqual(first.server)
    expect(second.admin.certificate).toContain('BEGIN CERTIFICATE')
    await rm(join(folder, 'ca.key'))
    const third = await openPki(options())
    expect(third.ca).not.toBe(first.ca)
    expect(new X509Certificate(third.server.certificate).verify(new X509Certificate(third.ca).publicKey)).toBe(true)
  })

  it('keep their keys from everyone but their owner', async () => {
    await openPki(options())
    for (const file of ['ca.key', 'apiserver.key', 'admin.key', 'service-account.key']) {
      expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
      expect(await readFile(join(folder, file), 'utf8')).toContain('BEGIN PRIVATE KEY')
    }
  })

  it('can be issued to any other client', async () => {
    const pki = await openPki(options())
    const { certificate } = await pki.issueClient({ name: 'ann', groups: ['readers', 'writers, too'] })
    expect(new X509Certificate(certificate).toLegacyObject().subject).toMatchObject({
      CN: 'ann',
      O: ['readers', 'writers, too'],
    })
  })
})

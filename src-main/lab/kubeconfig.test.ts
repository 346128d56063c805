import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parse } from 'yaml'
import { contextName, writeKubeconfig } from './kubeconfig.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orrery-kubeconfig-'))
})
afterEach(() => rm(folder, { recursive: true }))

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const options = {
  lab: 'default',
  server: 'https://127.0.0.1:6443',
  ca: 'CA',
  client: { certificate: 'CERT', key: 'KEY' },
}

it('a kubeconfig has all that a client needs in one file', async () => {
  const path = join(folder, 'new', 'kubeconfig')
  await writeKubeconfig(path, options)
  expect(parse(await readFile(path, 'utf8'))).toMatchObject({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'orrery' },
    clusters: [
      { name: 'orrery', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': base64('CA') } },
    ],
    contexts: [{ name: 'orrery', context: { cluster: 'orrery', user: 'orrery-admin' } }],
    users: [
      { name: 'orrery-admin', user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') } },
    ],
  })
})

it('it replaces an older one, and only its owner can read it', async () => {
  const path = join(folder, 'kubeconfig')
  await writeFile(path, 'old', { mode: 0o644 })
  await writeFile(`${path}.new`, 'left by a crash', { mode: 0o644 })
  await writeKubeconfig(path, options)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['kubeconfig'])
})

it('each lab has a context of its own', () => {
  expect([contextName('default'), contextName('shop')]).toEqual(['orrery', 'orrery-shop'])
})

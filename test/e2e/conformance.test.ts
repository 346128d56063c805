/** What the official conformance tests ask of pods and services, on two sandbox workers with real containers. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { CaseBook } from '../support/case-book.ts'
import { sandboxMissing } from '../support/host-state.ts'
import { kubectlMissing } from '../support/kubectl.ts'
import { labIdOf } from '../support/lab-host.ts'
import { installNode } from '../support/node-in-pod.ts'
import { removeLab, startOrrery, type OrreryProcess } from '../support/orrery-process.ts'
import { environmentCases } from './cases/environment.ts'
import { extensionCases } from './cases/extensions.ts'
import { kubectlCases } from './cases/kubectl.ts'
import { lifecycleCases, manyRestarts } from './cases/lifecycle.ts'
import { resizeCases } from './cases/resize.ts'
import { securityCases } from './cases/security.ts'
import { serviceCases } from './cases/services.ts'
import { volumeCases } from './cases/volumes.ts'

const missing = sandboxMissing() ?? kubectlMissing()

describe('a pod with real containers', () => {
  const book = new CaseBook(missing)
  let home: string
  let orrery: OrreryProcess

  beforeAll(async () => {
    if (missing !== undefined) return
    home = await mkdtemp(join(tmpdir(), 'orrery-cases-'))
    orrery = startOrrery(home, ['--provider', 'sandbox', '--workers', '2'])
    const { kubeconfig } = await orrery.ready
    for (const worker of ['worker-1', 'worker-2']) installNode(labIdOf(home), worker)
    await book.open(kubeconfig)
  })

  afterAll(async () => {
    if (missing !== undefined) return
    book.close()
    await orrery.stop()
    removeLab(home)
    await rm(home, { recursive: true, force: true })
  })

  environmentCases(book)
  volumeCases(book)
  lifecycleCases(book)
  securityCases(book)
  resizeCases(book)
  serviceCases(book)
  kubectlCases(book)
  extensionCases(book)
  manyRestarts(book)
})

/** A lab whose identity was lost can still be removed whole. */
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sandboxMissing } from '../support/host-state.ts'
import { labIdOf, remainsOf } from '../support/lab-host.ts'
import { removeLab, startOrrery } from '../support/orrery-process.ts'

it('is removed with its workers when its lab.json is empty', { timeout: 180_000 }, async ({ skip }) => {
  const missing = sandboxMissing()
  if (missing !== undefined) skip(missing)
  const home = await mkdtemp(join(tmpdir(), 'orrery-damaged-'))
  const orrery = startOrrery(home, ['--provider', 'sandbox', '--workers', '1'])
  try {
    await orrery.ready
    const labId = labIdOf(home)
    expect(remainsOf(labId)).not.toEqual([])
    writeFileSync(join(home, 'labs/default/lab.json'), '')
    removeLab(home)
    await orrery.exited
    expect(remainsOf(labId)).toEqual([])
  } finally {
    await orrery.stop()
    await rm(home, { recursive: true, force: true })
  }
})

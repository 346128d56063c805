/** A test that no suite runs proves nothing. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { suites } from '../../scripts/setup/suites.ts'

const root = join(import.meta.dirname, '../..')

it('every test file is in exactly one suite', () => {
  const files = globSync('{src-main,src-renderer,test,scripts}/**/*.test.ts', { cwd: root })
  expect(files.length).toBeGreaterThan(300)
  const runs = (file: string): number =>
    suites.filter(({ folders }) => folders.some((folder) => file.startsWith(`${folder}/`))).length
  expect(files.filter((file) => runs(file) !== 1)).toEqual([])
})

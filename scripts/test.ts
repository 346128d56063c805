/**
 * `npm test`: installs what the tests need, builds, checks, and runs every suite that this machine can run.
 * With a suite's name only that one. The last line counts; a skipped test is named with its reason above it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuild } from './setup/build.ts'
import { ensurePackages, interfacePackages, machinePackages, storePackages } from './setup/debian-packages.ts'
import { createProgress } from './setup/progress.ts'
import { suites, type Suite } from './setup/suites.ts'
import type { SuiteResult } from './setup/test-reporter.ts'

const root = join(import.meta.dirname, '..')

/** Each check counts as one test. */
const checks = ['check:types', 'check:lint', 'check:layers', 'check:format']

function runCheck(name: string): SuiteResult {
  const { status } = spawnSync('npm', ['run', '--silent', name], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  console.log(`${status === 0 ? '✓' : '✕'} ${name}`)
  return status === 0 ? { passed: 1, failed: 0, skipped: [] } : { passed: 0, failed: 1, skipped: [] }
}

function runSuite({ name, folders, serial, patient }: Suite): SuiteResult {
  const present = folders.filter((folder) => existsSync(join(root, folder)))
  const scratch = mkdtempSync(join(tmpdir(), 'orrery-test-'))
  const resultFile = join(scratch, 'result.json')
  console.log(`\n== ${name}`)
  spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=./scripts/setup/test-reporter.ts',
      serial === true ? '--no-file-parallelism' : `--maxWorkers=${availableParallelism()}`,
      ...(patient === true ? ['--testTimeout=120000', '--hookTimeout=240000'] : []),
      ...present,
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ORRERY_TEST_RESULT: resultFile } },
  )
  try {
    return JSON.parse(readFileSync(resultFile, 'utf8')) as SuiteResult
  } catch {
    console.error(`the ${name} suite ended without a result`)
    return { passed: 0, failed: 1, skipped: [] }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

const wanted = process.argv[2]
const chosen = suites.filter((suite) => wanted === undefined || suite.name === wanted)
if (chosen.length === 0) {
  console.error(`no suite is named ${wanted}: ${suites.map((suite) => suite.name).join(', ')}`)
  process.exit(1)
}
const progress = createProgress(false)
const needsMachine = chosen.some((suite) => suite.name === 'e2e' || suite.name === 'ui')
await ensurePackages(progress)
if (chosen.some(({ name }) => name !== 'ui')) await ensurePackages(progress, storePackages, 'tests of the etcd store')
if (chosen.some((suite) => suite.name === 'ui'))
  await ensurePackages(progress, interfacePackages, 'tests of the interface')
if (chosen.some((suite) => suite.name === 'e2e'))
  await ensurePackages(progress, machinePackages, 'check of the Vagrantfile')
const results: SuiteResult[] = wanted === undefined ? checks.map(runCheck) : []
if (needsMachine) await ensureBuild(root, progress)
results.push(...chosen.map(runSuite))

const passed = results.reduce((sum, result) => sum + result.passed, 0)
const failed = results.reduce((sum, result) => sum + result.failed, 0)
const skipped = results.flatMap((result) => result.skipped)
if (skipped.length > 0) console.log('\nSkipped here:')
for (const { name, reason } of skipped) console.log(`- ${name}: ${reason}`)
console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)

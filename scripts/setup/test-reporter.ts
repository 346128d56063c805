/** Collects what a vitest run found, with the reason of every skip, into the file that ORRERY_TEST_RESULT names. */
import { writeFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

export interface SuiteResult {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
}

export default class ResultFileReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    let passed = 0
    let failed = errors.length
    const skipped: { name: string; reason: string }[] = []
    for (const module of modules) {
      failed += module.errors().length
      // A suite whose set-up failed skips its tests: that is a failure, and no skip has such a reason.
      for (const suite of module.children.allSuites()) failed += suite.errors().length
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') passed++
        else if (result.state === 'skipped') {
          skipped.push({ name: test.fullName, reason: result.note ?? 'no reason given' })
        } else failed++
      }
    }
    const file = process.env['ORRERY_TEST_RESULT']
    if (file === undefined) return
    const result: SuiteResult = { passed, failed, skipped }
    writeFileSync(file, JSON.stringify(result))
  }
}

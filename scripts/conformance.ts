/** Writes docs/conformance.md from test/conformance/rows.json. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { problemOf, rows, tableText } from '../test/conformance/table.ts'

const problems = Object.values(rows).flatMap((list) => list.map(problemOf).filter((one) => one !== undefined))
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
writeFileSync(join(import.meta.dirname, '../docs/conformance.md'), tableText())

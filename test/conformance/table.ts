/** The table of docs/conformance.md, made from rows.json: each official entry, and the test of ours that shows it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import rowsBySig from './rows.json' with { type: 'json' }

export interface Row {
  /** The official test's name. */
  readonly entry: string
  /** Our test file, and the words of its title by which the test is found in it. */
  readonly file?: string
  readonly title?: string
  /** What the entry asks for beyond what our test shows. Absent: nothing. */
  readonly missing?: string
}

const root = join(import.meta.dirname, '../..')
export const rows = rowsBySig as Readonly<Record<string, readonly Row[]>>

/** What is wrong with a row; undefined when it is right. */
export function problemOf({ entry, file, title }: Row): string | undefined {
  if (file === undefined) return undefined
  if (!existsSync(join(root, file))) return `${entry}: there is no ${file}`
  const text = readFileSync(join(root, file), 'utf8')
  return title === undefined || text.includes(title) ? undefined : `${entry}: ${file} has no test ${title}`
}

const stateOf = ({ file, missing }: Row): string =>
  file === undefined ? '–' : missing === undefined ? 'shown' : `in part; not: ${missing}`

export function tableText(): string {
  const parts = Object.entries(rows).map(([sig, list]) => {
    const shown = list.filter((row) => row.file !== undefined && row.missing === undefined).length
    const partly = list.filter((row) => row.missing !== undefined).length
    const lines = list.map((row) => `| ${row.entry} | ${testOf(row)} | ${stateOf(row)} |`)
    return [
      `## ${sig}: ${shown} of ${list.length} shown, ${partly} in part`,
      '',
      ...['| entry | our test | state |', '| --- | --- | --- |', ...lines],
    ].join('\n')
  })
  const all = Object.values(rows).flat()
  const shown = all.filter((row) => row.file !== undefined && row.missing === undefined).length
  const partly = all.filter((row) => row.missing !== undefined).length
  return `${introduction(shown, partly, all.length)}\n\n${parts.join('\n\n')}\n`
}

const testOf = ({ file, title }: Row): string =>
  file === undefined ? '' : title === undefined ? `\`${file}\`` : `\`${file}\`: ${title}`

const introduction = (shown: number, partly: number, all: number): string => `# Conformance

The official suite of Kubernetes v1.36 has ${all} conformance tests. **The suite of that version has not been run against
Orrery**: it cannot be had where Orrery is built. What stands here is which of our own tests does what an official entry
describes, with real clients or through the same request chain. ${shown} entries are shown so, ${partly} in part.

**The suite of v1.20.2**, the newest whose source can be had there as a whole, was run on 2026-11-27 against a lab with two
workers (AMD EPYC, 2 cores, 24 GiB, Debian 12), its images made anew from the same source, with that version's kubectl:
307 of its 311 tests passed. The others expect what Kubernetes has since given up: tokens of service accounts in secrets
that make themselves (2 tests), events whose text may change (1), and a null creation time in the template that a
revision holds (1; by the types of v1.36.4 the texts that it compares are equal). Its framework was changed in one place,
where it waits for such a secret.

This page is made by \`node scripts/conformance.ts\` from \`test/conformance/rows.json\`; a test checks that every test
named here exists.`

/** The `orrery` command: what is done to a lab from outside the app. */
import { join, resolve } from 'node:path'
import { dataFolder } from './lab/lab-folder.ts'
import { labName } from './lab/lab-wish.ts'
import { removeLab } from './lab/remove-lab.ts'
import { restoreLab, snapshotLab } from './lab/snapshots.ts'
import { createLog, describeError } from './lib/log.ts'
import { systemRandom } from './lib/random.ts'
import { systemClock } from './lib/system-clock.ts'
import { logLines } from './serve/log-lines.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const complain = (line: string): void => void process.stderr.write(`${line}\n`)

async function down(): Promise<void> {
  const home = dataFolder(process.env)
  const removed = await removeLab({
    home,
    name: labName,
    resourcesFolder: join(import.meta.dirname, '../../resources'),
    clock: systemClock,
    random: systemRandom,
    log: createLog('orrery', systemClock.now, logLines('warn', complain)),
  })
  if (removed === undefined) say(`there is no lab in ${home}`)
  else say(removed.length === 0 ? 'the lab is removed' : `the lab is removed, with ${removed.join(', ')}`)
}

const means = { home: dataFolder(process.env), name: labName, clock: systemClock, random: systemRandom }

async function snapshot(file: string): Promise<void> {
  const revision = await snapshotLab(resolve(file), means)
  say(
    `the lab's store is in ${file}, as of revision ${revision} or a little before; restore it by "npm run restore -- ${file}"`,
  )
}

async function restore(file: string): Promise<void> {
  const former = await restoreLab(resolve(file), means)
  say(`the lab's store is that of ${file}; start the lab by "npm start"`)
  if (former !== undefined) say(`what was there before is kept in ${former}`)
}

interface Command {
  /** What follows the name. */
  readonly words: readonly string[]
  readonly run: (...words: string[]) => Promise<void>
}
const commands: Readonly<Record<string, Command>> = {
  down: { words: [], run: down },
  snapshot: { words: ['FILE'], run: snapshot },
  restore: { words: ['FILE'], run: restore },
}

const [name = '', ...words] = process.argv.slice(2)
const command = commands[name]
if (command?.words.length !== words.length) {
  const forms = Object.entries(commands).map(([one, { words: wanted }]) => ['  orrery', one, ...wanted].join(' '))
  complain(['usage:', ...forms].join('\n'))
  process.exitCode = 2
} else {
  command.run(...words).catch((error: unknown) => {
    complain(`✕ ${describeError(error)}`)
    process.exitCode = 1
  })
}

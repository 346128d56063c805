/** The `orrery` command: what can be done without the app running. */
import { join } from 'node:path'
import { dataFolder } from './lab/lab-folder.ts'
import { labName } from './lab/lab-wish.ts'
import { removeLab } from './lab/remove-lab.ts'
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

const commands: Readonly<Record<string, () => Promise<void>>> = { down }

const command = commands[process.argv[2] ?? '']
if (command === undefined) {
  complain(`usage: orrery ${Object.keys(commands).join('|')}`)
  process.exitCode = 2
} else {
  command().catch((error: unknown) => {
    complain(`✕ ${describeError(error)}`)
    process.exitCode = 1
  })
}

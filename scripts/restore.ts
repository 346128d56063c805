/** `npm run restore`: puts a copy in the place of the lab's store. */
import { runCommand } from './setup/run-command.ts'

await runCommand('restore')

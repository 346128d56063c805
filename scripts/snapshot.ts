/** `npm run snapshot`: writes a copy of the lab's store, also while the app runs. */
import { runCommand } from './setup/run-command.ts'

await runCommand('snapshot')

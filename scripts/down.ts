/** `npm run down`: removes the lab and leaves nothing behind. */
import { runCommand } from './setup/run-command.ts'

await runCommand('down')

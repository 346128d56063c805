import { shellQuote } from '../../lib/shell-quote.ts'
import { MachineError } from '../machine.ts'

/** One argument as a POSIX shell reads it back, whatever it holds. Throws `Failed` for a NUL, which no argv can hold. */
export function quoteArgument(argument: string): string {
  if (argument.includes('\0')) throw new MachineError('Failed', 'an argument of a command holds a NUL character')
  return shellQuote(argument)
}

/** The line that sshd hands to the login shell for an argv. */
export function commandLine(command: readonly string[]): string {
  const [program = ''] = command
  if (program === '' || program.startsWith('-'))
    throw new MachineError('Failed', `${JSON.stringify(program)} is not the name of a program`)
  // `exec` puts the command in the shell's place: no alias or keyword can take its name, and `$$` stays its process id.
  return `exec ${command.map(quoteArgument).join(' ')}`
}

/**
 * As `commandLine`, but the first line of the error output is the command's process id, which is its process group's
 * too. sshd ignores signals for root's sessions, and closing a channel leaves its command running.
 */
export function announcedCommandLine(command: readonly string[]): string {
  return `echo $$ >&2; ${commandLine(command)}`
}

/** With which signal a container is asked to end (KEP-4960). */
import { forbidden, notSupported, type FieldError } from '../../../field-error.ts'

const numbered = (name: string, sign: string, most: number): string[] =>
  Array.from({ length: most }, (_, index) => `${name}${sign}${index + 1}`)

const ofLinux = [
  ...['ABRT', 'ALRM', 'BUS', 'CHLD', 'CLD', 'CONT', 'FPE', 'HUP', 'ILL', 'INT', 'IO', 'IOT', 'KILL', 'PIPE', 'POLL'],
  ...['PROF', 'PWR', 'QUIT', 'SEGV', 'STKFLT', 'STOP', 'SYS', 'TERM', 'TRAP', 'TSTP', 'TTIN', 'TTOU', 'URG', 'USR1'],
  ...['USR2', 'VTALRM', 'WINCH', 'XCPU', 'XFSZ', 'RTMIN', 'RTMAX'],
  ...numbered('RTMIN', '+', 15),
  ...numbered('RTMAX', '-', 14),
]
  .map((name) => `SIG${name}`)
  .toSorted()
const ofWindows = ['SIGKILL', 'SIGTERM']

/** Signals differ between systems, so the pod must say for which it is. */
export function validateStopSignal(signal: string | undefined, system: string | undefined, path: string): FieldError[] {
  if (signal === undefined) return []
  if (system === undefined) return [forbidden(path, 'may not be set for containers with empty `spec.os.name`')]
  const known = system === 'windows' ? ofWindows : ofLinux
  const isKnownSystem = system === 'windows' || system === 'linux'
  return !isKnownSystem || known.includes(signal) ? [] : [notSupported(path, signal, known)]
}

import { MachineError } from '../machine.ts'

/** The exit code by which `readCommand` says that there is no such file; no shell uses it for anything. */
export const notFoundCode = 44

const readScript = `[ -e "$1" ] || exit ${notFoundCode}; exec cat -- "$1"`

/**
 * The length is checked before the file takes its place: when the connection breaks, `cat` sees an end of input like any
 * other and would leave half a file.
 */
const writeScript = `
umask 077
[ -d "\${1%/*}/" ] || mkdir -p -- "\${1%/*}/" || exit
cat > "$2" && [ "$(wc -c < "$2")" -eq "$4" ] && chmod "$3" "$2" && mv -f -- "$2" "$1" && exit
rm -f -- "$2"
exit 1`

export function readCommand(path: string): readonly string[] {
  return ['sh', '-c', readScript, 'read', absolute(path)]
}

/** `suffix` makes the temporary file's name, beside the file, unique. */
export function writeCommand(path: string, mode: number, length: number, suffix: string): readonly string[] {
  const file = absolute(path)
  return ['sh', '-c', writeScript, 'write', file, `${file}.${suffix}`, mode.toString(8), String(length)]
}

function absolute(path: string): string {
  if (path.startsWith('/') && !path.endsWith('/')) return path
  throw new MachineError('Failed', `${JSON.stringify(path)} is not the absolute path of a file`)
}

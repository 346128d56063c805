import { duplicate, invalid, required, type FieldError } from '../../../field-error.ts'
import { checkEach } from '../../../meta/field-checks.ts'
import type { PodSpec, Sysctl } from '../../../types/core-v1.ts'

const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const pattern = `(${segment}[\\./])*${segment}`
const expression = new RegExp(`^${pattern}$`)
const longest = 253

/** Kernel parameters, each once, and none of a namespace that the pod shares with its node. */
export function validateSysctls(
  sysctls: readonly Sysctl[] | undefined,
  { hostNetwork, hostIPC }: PodSpec,
  path: string,
): FieldError[] {
  const names = new Set<string>()
  return checkEach(path, sysctls, ({ name = '' }, at) => {
    if (name === '') return [required(`${at}.name`)]
    const errors: FieldError[] = []
    const words = `must have at most ${longest} characters and match regex ^${pattern}$`
    if (name.length > longest || !expression.test(name)) errors.push(invalid(`${at}.name`, name, words))
    else if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
    const dotted = name.replaceAll('/', '.')
    const shares = (field: string): FieldError =>
      invalid(`${at}.name`, name, `may not be specified when '${field}' is true`)
    if (hostNetwork === true && dotted.startsWith('net.')) errors.push(shares('hostNetwork'))
    if (hostIPC === true && /^(kernel\.(shm|msg|sem)|fs\.mqueue\.)/.test(dotted)) errors.push(shares('hostIPC'))
    return errors
  })
}

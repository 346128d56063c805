/** What a Windows container may run as. */
import { invalid, type FieldError } from '../../../field-error.ts'
import { problemsAt } from '../../../meta/field-checks.ts'
import { dnsSubdomainProblems } from '../../../meta/names.ts'
import type { PodSpec, WindowsSecurityContextOptions } from '../../../types/core-v1.ts'
import { eachContext } from './operating-system.ts'

const longestSpecKib = 64
const longestDomain = 256
const longestUser = 104

const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const domainLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const domainName = new RegExp(`^${domainLabel}(?:\\.${domainLabel})*$`)

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

export function validateWindowsOptions(options: WindowsSecurityContextOptions | undefined, path: string): FieldError[] {
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options ?? {}
  const at = `${path}.gmsaCredentialSpec`
  return [
    ...(name === undefined ? [] : problemsAt(`${path}.gmsaCredentialSpecName`, name, dnsSubdomainProblems(name))),
    ...(spec === '' ? [invalid(at, spec, 'gmsaCredentialSpec cannot be an empty string')] : []),
    ...(spec !== undefined && bytesOf(spec) > longestSpecKib * 1024
      ? [invalid(at, spec, `gmsaCredentialSpec size must be under ${longestSpecKib} KiB`)]
      : []),
    ...(user === undefined ? [] : problemsAt(`${path}.runAsUserName`, user, userProblems(user))),
  ]
}

/** A user, with the domain before a backslash if it is not one of the machine itself. */
function userProblems(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
  if (/[\u0000-\u001f\u007f]/.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const user = parts.at(-1) ?? ''
  const domain = parts.length === 2 ? parts[0] : undefined
  const rules: readonly (readonly [boolean, string])[] = [
    [bytesOf(domain ?? '') >= longestDomain, `Domain length must be under ${longestDomain} characters`],
    [
      domain !== undefined && !netBiosName.test(domain) && !(domain.length < 4096 && domainName.test(domain)),
      "Domain doesn't match the NetBios nor the DNS format",
    ],
    [user === '', 'User cannot be empty'],
    [bytesOf(user) > longestUser, `User length must not be longer than ${longestUser} characters`],
    [/^[. ]+$/.test(user), 'User cannot contain only periods or spaces'],
    [/["/\\:;|=,+*?<>@[\]]/.test(user), 'User cannot contain the following characters: "/\\:;|=,+*?<>@[]'],
  ]
  return rules.filter(([fails]) => fails).map(([, words]) => `runAsUserName's ${words}`)
}

/** Containers that are processes of the node: all of a pod or none, and on the network of the node (KEP-1981). */
export function validateHostProcesses(spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  const contexts = eachContext(spec, path)
  const errors = contexts.flatMap(([at, context]) => {
    const own = context?.windowsOptions?.hostProcess
    const words = `pod hostProcess value must be identical if both are specified, was ${String(ofPod)}`
    return own === undefined || ofPod === undefined || own === ofPod
      ? []
      : [invalid(`${at}.windowsOptions.hostProcess`, own, words)]
  })
  const count = contexts.filter(([, context]) => (context?.windowsOptions?.hostProcess ?? ofPod) === true).length
  if (count === 0) return errors
  if (count !== contexts.length) {
    const words = 'If pod contains any hostProcess containers then all containers must be HostProcess containers'
    errors.push(invalid(path, '', words))
  }
  if (spec.hostNetwork !== true) {
    const words = 'hostNetwork must be true if pod contains any hostProcess containers'
    errors.push(invalid(`${path}.hostNetwork`, false, words))
  }
  return errors
}

import { invalid, required, tooLong, type FieldError } from '../../../field-error.ts'
import { problemsAt } from '../../../meta/field-checks.ts'
import { dnsLabelProblems, dnsSubdomainProblems } from '../../../meta/names.ts'
import type { CSIPersistentVolumeSource, SecretReference } from '../../../types/core-v1.ts'

const longestDriverName = 63

/** The name of a CSI driver, as other objects speak of it. */
export function checkDriverName(path: string, name = ''): FieldError[] {
  return [
    ...(name === '' ? [required(path)] : []),
    ...(name.length > longestDriverName ? [tooLong(path, longestDriverName)] : []),
    ...dnsSubdomainProblems(name.toLowerCase()).map((problem) => invalid(path, name, problem)),
  ]
}

const checkSecret = (path: string, secret: SecretReference | undefined): FieldError[] =>
  secret === undefined
    ? []
    : [
        ...checkPart(`${path}.name`, secret.name, dnsSubdomainProblems),
        ...checkPart(`${path}.namespace`, secret.namespace, dnsLabelProblems),
      ]

const checkPart = (path: string, value = '', problems: (value: string) => string[]): FieldError[] =>
  value === '' ? [required(path)] : problemsAt(path, value, problems(value))

/** The secret for the staging of a volume is not looked at, as in Kubernetes. */
export function validateDriven(source: CSIPersistentVolumeSource, path: string): FieldError[] {
  return [
    ...checkDriverName(`${path}.driver`, source.driver),
    ...((source.volumeHandle ?? '') === '' ? [required(`${path}.volumeHandle`)] : []),
    ...checkSecret(`${path}.controllerPublishSecretRef`, source.controllerPublishSecretRef),
    ...checkSecret(`${path}.controllerExpandSecretRef`, source.controllerExpandSecretRef),
    ...checkSecret(`${path}.nodePublishSecretRef`, source.nodePublishSecretRef),
    ...checkSecret(`${path}.nodeExpandSecretRef`, source.nodeExpandSecretRef),
  ]
}

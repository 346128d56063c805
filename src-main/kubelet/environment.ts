/** A container's variables, as `NAME=value`. */
import type { ConfigMap, Container, EnvVar, Pod, Secret, Service } from '../api/types/core-v1.ts'
import { ConfigError } from './config-error.ts'
import { expand } from './expand.ts'
import { fieldValue, resourceValue, type NodeFacts } from './field-reference.ts'
import { serviceVariables } from './service-variables.ts'

/** The objects of the pod's namespace that variables and volumes may refer to; undefined: there is none of that name. */
export interface ConfigSource {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>
  secret(namespace: string, name: string): Promise<Secret | undefined>
  /** Of every namespace. */
  services(): readonly Service[]
}

/** In the order of definition, later ones replacing earlier ones. Throws ConfigError when something it needs is missing. */
export async function environment(
  pod: Pod,
  container: Container,
  source: ConfigSource,
  facts: NodeFacts,
): Promise<Map<string, string>> {
  const namespace = pod.metadata?.namespace ?? 'default'
  const variables = serviceVariables(source.services(), namespace, pod.spec?.enableServiceLinks !== false)
  for (const [name, value] of await importedVariables(namespace, container, source)) variables.set(name, value)
  for (const variable of container.env ?? []) {
    const value = await valueOf(variable, pod, container, source, facts, variables)
    if (value !== undefined) variables.set(variable.name, value)
  }
  return variables
}

async function importedVariables(
  namespace: string,
  container: Container,
  source: ConfigSource,
): Promise<[string, string][]> {
  const all: [string, string][] = []
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data =
      configMapRef !== undefined
        ? await configMapData(source, namespace, configMapRef.name ?? '', configMapRef.optional)
        : await secretData(source, namespace, secretRef?.name ?? '', secretRef?.optional)
    for (const [key, value] of Object.entries(data ?? {})) all.push([prefix + key, value])
  }
  return all
}

async function configMapData(
  source: ConfigSource,
  namespace: string,
  name: string,
  optional?: boolean,
): Promise<Record<string, string> | undefined> {
  const found = await source.configMap(namespace, name)
  if (found === undefined && optional !== true)
    throw new ConfigError('CreateContainerConfigError', `configmap "${name}" not found`)
  return found === undefined ? undefined : (found.data ?? {})
}

async function secretData(
  source: ConfigSource,
  namespace: string,
  name: string,
  optional?: boolean,
): Promise<Record<string, string> | undefined> {
  const found = await source.secret(namespace, name)
  if (found === undefined && optional !== true)
    throw new ConfigError('CreateContainerConfigError', `secret "${name}" not found`)
  if (found === undefined) return undefined
  const decoded = Object.entries(found.data ?? {}).map(([key, value]) => [
    key,
    Buffer.from(value, 'base64').toString('utf8'),
  ])
  return Object.fromEntries(decoded) as Record<string, string>
}

async function valueOf(
  variable: EnvVar,
  pod: Pod,
  container: Container,
  source: ConfigSource,
  facts: NodeFacts,
  known: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const from = variable.valueFrom
  if (from === undefined) return expand(variable.value ?? '', known)
  if (from.fieldRef !== undefined) return fieldValue(pod, from.fieldRef.fieldPath, facts)
  if (from.resourceFieldRef !== undefined) return resourceValue(pod, container, from.resourceFieldRef, facts)
  const namespace = pod.metadata?.namespace ?? 'default'
  const { configMapKeyRef: map, secretKeyRef: secret } = from
  const reference = map ?? secret
  if (reference === undefined) return undefined
  const { name = '', key, optional } = reference
  const data =
    map !== undefined
      ? await configMapData(source, namespace, name, optional)
      : await secretData(source, namespace, name, optional)
  const value = data?.[key]
  if (value !== undefined || optional === true) return value
  const what = map !== undefined ? 'ConfigMap' : 'Secret'
  throw new ConfigError('CreateContainerConfigError', `couldn't find key ${key} in ${what} ${namespace}/${name}`)
}

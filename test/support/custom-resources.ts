/** CRDs for tests: a small one, and what it takes to have it served. */
import type { TestServer } from './api-server.ts'
import { until } from './until.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
} from '../../src-main/api/types/apiextensions-v1.ts'

export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
export const cronTabsPath = '/apis/stable.example.com/v1/namespaces/default/crontabs'

export const cronTabSpec: JSONSchemaProps = {
  type: 'object',
  properties: {
    cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' },
    image: { type: 'string', default: 'busybox' },
    replicas: { type: 'integer', minimum: 1, maximum: 10 },
  },
}

export function aVersion(
  name: string,
  changes: Partial<CustomResourceDefinitionVersion> = {},
): CustomResourceDefinitionVersion {
  return {
    ...{ name, served: true, storage: true },
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: cronTabSpec, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    },
    ...changes,
  }
}

/** A version whose `spec` has these properties. */
export const aSpec = (
  properties: Record<string, JSONSchemaProps>,
  more: JSONSchemaProps = {},
): Pick<CustomResourceDefinitionVersion, 'schema'> => ({
  schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties, ...more } } } },
})

export function aDefinition(
  versions: readonly CustomResourceDefinitionVersion[] = [aVersion('v1')],
  changes: Partial<CustomResourceDefinition['spec']> = {},
): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${changes.names?.plural ?? 'crontabs'}.${changes.group ?? 'stable.example.com'}` },
    spec: {
      group: 'stable.example.com',
      scope: 'Namespaced',
      names: { plural: 'crontabs', kind: 'CronTab', shortNames: ['ct'], categories: ['all'] },
      ...changes,
      versions: [...versions],
    },
  }
}

export const aCronTab = (name: string, spec: object = {}): Record<string, unknown> => ({
  apiVersion: 'stable.example.com/v1',
  kind: 'CronTab',
  metadata: { name },
  spec,
})

/** Creates the CRD and waits until its kinds are served. */
export async function establish(lab: TestServer, definition: CustomResourceDefinition): Promise<void> {
  await lab.send('POST', definitionsPath, { body: definition })
  await served(lab, definition)
}

export async function served({ server }: TestServer, { spec }: CustomResourceDefinition): Promise<void> {
  const [version] = spec.versions.filter((one) => one.served)
  await until(
    'the custom kind is served',
    async () => server.kinds.find(spec.group, version?.name ?? '', spec.names.plural) !== undefined,
    5000,
    2,
  )
}

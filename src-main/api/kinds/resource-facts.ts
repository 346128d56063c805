import orreryResources from '../schema/data/orrery-resources.json' with { type: 'json' }
import kubernetesResources from '../schema/data/resources.json' with { type: 'json' }

/** What the schema data says of one resource. Verbs are those of its paths: `get list post put patch delete deletecollection`. */
export interface ResourceFact {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly subresources: Readonly<Record<string, { readonly kind: string; readonly verbs: readonly string[] }>>
}

/** Every built-in resource of v1.36, and our own. */
export const resourceFacts: readonly ResourceFact[] = [
  ...(kubernetesResources as unknown as readonly ResourceFact[]),
  ...(orreryResources as unknown as readonly ResourceFact[]),
]

const byResource = new Map(resourceFacts.map((fact) => [`${fact.group}/${fact.version}/${fact.resource}`, fact]))

export function resourceFact(group: string, version: string, plural: string): ResourceFact | undefined {
  return byResource.get(`${group}/${version}/${plural}`)
}

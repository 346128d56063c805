import { describe as suite, expect, it } from 'vitest'
import definitions from '../data/definitions.json' with { type: 'json' }
import { dataTexts } from './data.ts'
import { describe, describeCommon } from './describe.ts'
import { metaTexts } from './meta.ts'
import { podTexts } from './pods.ts'
import { serviceTexts } from './services.ts'
import { workloadTexts } from './workloads.ts'

const facts = definitions as unknown as Record<string, { fields?: Record<string, { t: string }> }>

suite('descriptions', () => {
  it.each(Object.entries({ dataTexts, metaTexts, podTexts, serviceTexts, workloadTexts }))(
    'in %s are of definitions and fields that there are',
    (_, texts) => {
      for (const [name, [, fields = {}]] of Object.entries(texts))
        expect([name, Object.keys(facts[name]?.fields ?? {})]).toEqual([
          name,
          expect.arrayContaining(Object.keys(fields)),
        ])
    },
  )

  it.each([
    ...['v1 Pod', 'v1 Service', 'v1 ConfigMap', 'v1 Secret', 'v1 Namespace', 'v1 ServiceAccount'],
    ...[
      'apps/v1 Deployment',
      'apps/v1 ReplicaSet',
      'apps/v1 StatefulSet',
      'apps/v1 DaemonSet',
      'v1 ReplicationController',
    ],
    ...['batch/v1 Job', 'batch/v1 CronJob', 'networking.k8s.io/v1 Ingress', 'networking.k8s.io/v1 NetworkPolicy'],
    ...['autoscaling/v2 HorizontalPodAutoscaler', 'policy/v1 PodDisruptionBudget', 'v1 PersistentVolumeClaim'],
  ])('%s has them, for itself and for all that is wanted of it', (named) => {
    const [apiVersion = '', name = ''] = named.split(' ')
    const definition =
      Object.keys(facts).find((key) => key.endsWith(`.${name}`) && definitionFits(key, apiVersion)) ?? ''
    expect(describe(definition)).toMatch(/^[A-Z].*\.$/)
    for (const [field, { t: type }] of Object.entries(facts[definition]?.fields ?? {})) {
      expect([field, describe(definition, field)]).toEqual([field, expect.stringMatching(/^[A-Z0-9].*\.$/)])
      if (field !== 'spec') continue
      const missing = Object.keys(facts[type]?.fields ?? {}).filter((one) => describe(type, one) === undefined)
      expect(missing.filter((one) => !unused.has(one))).toEqual([])
    }
  })
})

it.each([
  ['apiVersion', describeCommon('apiVersion'), 'APIVersion defines '],
  ['metadata', describeCommon('metadata'), "Standard object's metadata"],
  [
    'creationTimestamp',
    describe('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', 'creationTimestamp'),
    'CreationTimestamp is a timestamp',
  ],
])('%s is described as the conformance tests expect', (_, text, start) => {
  expect(text).toContain(start)
})

/** Still being tried out upstream: nobody uses them here. */
const unused = new Set(['schedulingGroup'])

function definitionFits(definition: string, apiVersion: string): boolean {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion]
  return definition.startsWith(`io.k8s.api.${group?.split('.')[0] ?? ''}.${version ?? ''}.`)
}

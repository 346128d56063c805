import { describe, expect, it } from 'vitest'
import { defaultPlugins } from '../plugins.ts'
import { ConfigurationError, readConfiguration } from './read-configuration.ts'

const head = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n'
const read = (text: string) => readConfiguration(head + text)
const nameOf = ({ name }: { name: string }): string => name

describe("the scheduler's configuration", () => {
  it('is the default one when it says nothing', () => {
    const { profiles, extenders } = read('')
    expect(profiles.map(({ schedulerName }) => schedulerName)).toEqual(['default-scheduler'])
    expect(profiles[0]?.plugins.predicates.map(nameOf)).toEqual(defaultPlugins.predicates.map(nameOf))
    expect(extenders).toEqual([])
  })

  it('turns plugins off and on and gives weights, for each profile', () => {
    const { profiles } = read(`
profiles:
  - schedulerName: packer
    plugins:
      score:
        disabled: [{ name: '*' }]
        enabled: [{ name: NodeResourcesFit, weight: 7 }]
      filter: { disabled: [{ name: TaintToleration }] }
    pluginConfig:
      - name: NodeResourcesFit
        args: { scoringStrategy: { type: MostAllocated } }
  - schedulerName: plain
`)
    const [packer, plain] = profiles
    expect(packer?.plugins.priorities.map(({ priority, weight }) => [priority.name, weight])).toEqual([
      ['NodeResourcesFit', 7],
    ])
    expect(packer?.plugins.predicates.map(nameOf)).not.toContain('TaintToleration')
    expect(plain?.plugins.priorities).toHaveLength(defaultPlugins.priorities.length)
  })

  it('reads extenders, and leaves their resources to them', () => {
    const { extenders } = read(`
extenders:
  - urlPrefix: http://127.0.0.1:9999/x/
    filterVerb: filter
    prioritizeVerb: prioritize
    weight: 3
    httpTimeout: 500ms
    ignorable: true
    managedResources: [{ name: example.com/gpu, ignoredByScheduler: true }]
`)
    expect(extenders[0]).toMatchObject({ urlPrefix: 'http://127.0.0.1:9999/x', httpTimeoutMs: 500, weight: 3 })
  })

  const mistakes: [string, string, string][] = [
    ['an unknown field', 'profilez: []', 'configuration.profilez: unknown field'],
    [
      'an unknown plugin',
      'profiles: [{ plugins: { score: { enabled: [{ name: Nope }] } } }]',
      'profiles[0].plugins.score.enabled: no plugin is named "Nope"',
    ],
    ['a share above all', 'percentageOfNodesToScore: 101', 'percentageOfNodesToScore: a whole number from 0 to 100'],
    ['one name twice', 'profiles: [{ schedulerName: a }, { schedulerName: a }]', 'every profile needs a schedulerName'],
    ['an extender without address', 'extenders: [{}]', 'extenders[0].urlPrefix: an address of http or https'],
  ]
  it.each(mistakes)('refuses %s', (_what, text, message) => {
    expect(() => read(text)).toThrow(ConfigurationError)
    expect(() => read(text)).toThrow(message)
  })

  it('must be of its kind', () => {
    expect(() => readConfiguration('kind: Pod')).toThrow('KubeSchedulerConfiguration is expected')
  })
})

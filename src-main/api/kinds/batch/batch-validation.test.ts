import { describe, expect, it } from 'vitest'
import { creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import type { CronJob, Job } from '../../types/batch-v1.ts'
import { cronJob } from './cron-job.ts'
import { job } from './job.ts'

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'sum', image: 'sum:1' }] } }
const aJob: Job = { metadata: { name: 'sum', uid: 'u1' }, spec: { template } }
const indexed = { 'spec.completionMode': 'Indexed', 'spec.completions': 5 }
const spec = { schedule: '* * * * *', jobTemplate: { spec: { template } } }
const aCronJob: CronJob = { metadata: { name: 'sum' }, spec }
const negative = 'must be greater than or equal to 0'
const rule = 'spec.podFailurePolicy.rules[0]'
const failing = (more: object): Changes => ({ 'spec.podFailurePolicy': { rules: [{ action: 'Ignore', ...more }] } })
const succeeding = (more: object): Changes => ({ ...indexed, 'spec.successPolicy': { rules: [more] } })

describe('a new Job', () => {
  it.each<[Changes, string[]]>([
    [{}, []],
    [
      { 'spec.parallelism': -1, 'spec.ttlSecondsAfterFinished': -1, 'spec.backoffLimit': -1 },
      ['parallelism', 'backoffLimit', 'ttlSecondsAfterFinished'].map(
        (field) => `spec.${field}: Invalid value: -1: ${negative}`,
      ),
    ],
    [
      { 'spec.template.spec.restartPolicy': 'Always' },
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    [
      { 'spec.completionMode': 'Indexed', 'spec.parallelism': 1 },
      ['spec.completions: Required value: when completion mode is Indexed'],
    ],
    [
      { 'spec.completionMode': 'Odd' },
      ['spec.completionMode: Unsupported value: "Odd": supported values: "NonIndexed", "Indexed"'],
    ],
    [
      { ...indexed, 'spec.parallelism': 100_001 },
      ['spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed'],
    ],
    [
      { 'spec.backoffLimitPerIndex': 1 },
      ['spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode'],
    ],
    [
      { ...indexed, 'spec.maxFailedIndexes': 6 },
      [
        'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
        'spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions',
      ],
    ],
    [
      { ...indexed, 'spec.completions': 100_001, 'spec.backoffLimitPerIndex': 1, 'spec.parallelism': 10_001 },
      [
        'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
        'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
      ],
    ],
    [
      { 'spec.managedBy': 'mine' },
      ['spec.managedBy: Invalid value: "mine": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
    [
      { 'spec.podReplacementPolicy': 'Odd' },
      ['spec.podReplacementPolicy: Unsupported value: "Odd": supported values: "Failed", "TerminatingOrFailed"'],
    ],
    [
      { 'spec.selector': { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u2' } } },
      [
        'spec.template.metadata.labels: Invalid value: {"controller-uid":"u1","batch.kubernetes.io/controller-uid":"u1","job-name":"sum","batch.kubernetes.io/job-name":"sum"}: `selector` does not match template `labels`',
        'spec.selector: Invalid value: {"matchLabels":{"batch.kubernetes.io/controller-uid":"u2"}}: `selector` not auto-generated',
      ],
    ],
    [
      { ...indexed, 'metadata.name': 'a.b' },
      ['metadata.name: Invalid value: "a.b": will not able to create pod with invalid DNS label: a.b-4'],
    ],
    [failing({}), [`${rule}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`]],
    [
      failing({ action: 'FailIndex', onPodConditions: [{ type: 'A b', status: 'Odd' }] }),
      [
        `${rule}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`,
        `${rule}.onPodConditions[0].type: Invalid value: "A b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
        `${rule}.onPodConditions[0].status: Unsupported value: "Odd": supported values: "False", "True", "Unknown"`,
      ],
    ],
    [
      failing({ onExitCodes: { operator: 'In', containerName: 'x', values: [2, 0, 2] } }),
      [
        `${rule}.onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template`,
        `${rule}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
        `${rule}.onExitCodes.values[2]: Duplicate value: 2`,
        `${rule}.onExitCodes.values: Invalid value: [2,0,2]: must be ordered`,
      ],
    ],
    [
      { ...failing({ onExitCodes: { operator: 'In', values: [1] } }), 'spec.template.spec.restartPolicy': 'OnFailure' },
      [
        'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
      ],
    ],
    [
      { 'spec.successPolicy': { rules: [] } },
      ['spec.successPolicy: Invalid value: {"rules":[]}: requires indexed completion mode'],
    ],
    [
      { ...indexed, 'spec.successPolicy': { rules: [] } },
      [
        'spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified',
      ],
    ],
    [
      succeeding({}),
      [
        'spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified',
      ],
    ],
    [
      succeeding({ succeededCount: 6 }),
      [
        'spec.successPolicy.rules[0].succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)',
      ],
    ],
    [
      succeeding({ succeededCount: 4, succeededIndexes: '0-1,4' }),
      [
        'spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of indexes in the specified succeededIndexes field)',
      ],
    ],
    [
      succeeding({ succeededIndexes: '3,2' }),
      [
        'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "3,2": error parsing succeededIndexes: non-increasing order, previous: 3, current: 2',
      ],
    ],
  ])('with %j', (changes, causes) => expect(creationCauses(job, aJob, changes)).toEqual(causes))
})

describe('a changed Job', () => {
  const immutable = (field: string, value: unknown): string =>
    `spec.${field}: Invalid value: ${JSON.stringify(value)}: field is immutable`
  it.each<[Job['spec'] | object, Changes, string[]]>([
    [{}, { 'spec.completions': 2 }, [immutable('completions', 2)]],
    [{}, { 'spec.parallelism': 2, 'spec.suspend': true, 'spec.ttlSecondsAfterFinished': 5 }, []],
    [{}, { 'spec.completionMode': 'Indexed' }, [immutable('completionMode', 'Indexed')]],
    [{}, { 'spec.managedBy': 'acme.io/foo' }, [immutable('managedBy', 'acme.io/foo')]],
    [{ completionMode: 'Indexed', completions: 5 }, { 'spec.completions': 3, 'spec.parallelism': 3 }, []],
    [
      { completionMode: 'Indexed', completions: 5 },
      { 'spec.completions': 3 },
      ['spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism'],
    ],
    [
      { suspend: true },
      {
        'spec.template.spec.nodeSelector': { zone: 'a' },
        'spec.template.spec.containers.0.resources': { requests: { cpu: '1' } },
        'spec.template.spec.affinity': { nodeAffinity: {} },
        'spec.template.metadata.annotations': { a: 'b' },
      },
      [],
    ],
  ])('of %j with %j', (more, changes, causes) => {
    expect(updateCauses(job, { ...aJob, spec: { template, ...more } }, changes)).toEqual(causes)
  })

  it('keeps the images of its template, suspended or not', () => {
    for (const suspend of [true, false]) {
      const changes = { 'spec.template.spec.containers.0.image': 'sum:2' }
      const [cause] = updateCauses(job, { ...aJob, spec: { template, suspend } }, changes)
      expect(cause).toMatch(/^spec.template: Invalid value: .*: field is immutable$/)
    }
  })
})

describe('a CronJob', () => {
  it.each<[Changes, string[]]>([
    [{ 'spec.timeZone': 'Europe/Berlin' }, []],
    [{ 'spec.timeZone': '' }, ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string']],
    [{ 'spec.timeZone': 'Mars/Base' }, ['spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base']],
    [
      { 'spec.timeZone': 'local' },
      [
        'spec.timeZone: Invalid value: "local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ],
    ],
    [
      { 'spec.schedule': '60 * * * *' },
      ['spec.schedule: Invalid value: "60 * * * *": end of range (60) above maximum (59): 60'],
    ],
    [
      { 'spec.schedule': 'TZ=UTC * * * * *' },
      [
        'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
      ],
    ],
    [
      { 'spec.concurrencyPolicy': 'Odd', 'spec.failedJobsHistoryLimit': -1 },
      [
        'spec.concurrencyPolicy: Unsupported value: "Odd": supported values: "Allow", "Forbid", "Replace"',
        `spec.failedJobsHistoryLimit: Invalid value: -1: ${negative}`,
      ],
    ],
    [
      { 'spec.jobTemplate.spec.selector': { matchLabels: { a: 'b' } }, 'spec.jobTemplate.spec.manualSelector': true },
      [
        'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
        'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
      ],
    ],
    [
      { 'spec.jobTemplate': undefined },
      [
        'spec.jobTemplate.spec.template.spec.containers: Required value',
        'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
      ],
    ],
  ])('with %j', (changes, causes) => expect(creationCauses(cronJob, aCronJob, changes)).toEqual(causes))

  it.each(['+05:00', '../UTC', 'Europe/-Berlin'])('does not run in %s', (zone) => {
    expect(creationCauses(cronJob, aCronJob, { 'spec.timeZone': zone })).toEqual([
      `spec.timeZone: Invalid value: "${zone}": unknown time zone ${zone}`,
    ])
  })

  it('keeps a zone in its schedule, and one that is no longer known', () => {
    const base = { ...aCronJob, spec: { ...spec, schedule: 'TZ=UTC * * * * *', timeZone: 'Mars/Olympus' } }
    expect(updateCauses(cronJob, base, { 'spec.timeZone': undefined })).toEqual([])
    expect(updateCauses(cronJob, base, { 'spec.suspend': true })).toEqual([
      'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule',
    ])
  })

  it('may be changed under a name that is too long by now', () => {
    const base = { ...aCronJob, metadata: { name: 'a'.repeat(53) } }
    expect(updateCauses(cronJob, base, { 'spec.suspend': true })).toEqual([])
  })
})

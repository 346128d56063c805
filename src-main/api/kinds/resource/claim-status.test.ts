import { describe, expect, it } from 'vitest'
import { fieldErrorBody } from '../../field-error.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { plainRules } from '../plain-rules.ts'

const claims = plainRules('resource.k8s.io', 'v1', 'resourceclaims')
const place = { driver: 'gpu.example.com', pool: 'node-1', device: 'gpu-0' }
const result = { request: 'a', ...place }
const allocated = (fields: object = {}, more: object = {}) => ({
  allocation: { devices: { results: [{ ...result, ...fields }], ...more } },
})
const claim = (status: object | undefined, metadata: object = {}): DynamicObject => ({
  metadata,
  spec: { devices: { requests: [{ name: 'a' }] } },
  ...(status === undefined ? {} : { status }),
})
const errorsOf = (status: object, before?: object, metadata?: object): string[] =>
  (claims.validateStatus?.(claim(status, metadata), claim(before)) ?? []).map(
    (error) => `${error.path}: ${fieldErrorBody(error)}`,
  )

const results = 'status.allocation.devices.results[0]'
const config = 'status.allocation.devices.config[0]'
const opaque = { driver: 'gpu.example.com', parameters: {} }
const share = '0b3e8c2e-5e1a-4c62-9a55-1b7d0f1d2c3a'
const noSuchRequest =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
const normalized =
  'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'
const failures = (name: string) => ({ bindingConditions: ['ready'], bindingFailureConditions: [name] })

describe('the allocation of a claim', () => {
  it.each<[object, string[]]>([
    [allocated(), []],
    [allocated({ shareID: share, ...failures('failed') }), []],
    [allocated({ request: 'b' }), [`${results}.request: Invalid value: "b": ${noSuchRequest}`]],
    [allocated({ pool: '' }), [`${results}.pool: Required value`]],
    [
      allocated({ shareID: share.toUpperCase() }),
      [`${results}.shareID: Invalid value: "${share.toUpperCase()}": ${normalized}`],
    ],
    [
      allocated({ shareID: 'a' }),
      [`${results}.shareID: Invalid value: "a": error validating uid: invalid UUID length: 1`],
    ],
    [
      allocated(failures('ready')),
      [
        `${results}.bindingFailureConditions[0]: Invalid value: "ready": bindingFailureConditions must not overlap with bindingConditions`,
      ],
    ],
    [
      allocated({ bindingConditions: ['a', 'a'] }),
      [
        `${results}.bindingConditions[1]: Duplicate value: "a"`,
        `${results}.bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions`,
      ],
    ],
    [
      allocated({ bindingFailureConditions: [...'abcde'] }),
      [
        `${results}.bindingFailureConditions: Too many: 5: must have at most 4 items`,
        `${results}.bindingConditions: Invalid value: null: bindingConditions are required to use bindingFailureConditions`,
      ],
    ],
    [allocated({}, { config: [{ source: 'FromClass', requests: ['a'], opaque }] }), []],
    [
      allocated({}, { config: [{ source: 'Somewhere', opaque }] }),
      [`${config}.source: Unsupported value: "Somewhere": supported values: "FromClaim", "FromClass"`],
    ],
    [allocated({}, { config: [{ opaque }] }), [`${config}.source: Required value`]],
    [
      { allocation: { devices: { results: Array.from({ length: 33 }, () => result) } } },
      ['status.allocation.devices.results: Too many: 33: must have at most 32 items'],
    ],
    [
      { allocation: { nodeSelector: { nodeSelectorTerms: [] } } },
      ['status.allocation.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term'],
    ],
  ])('%j → %j', (status, texts) => {
    expect(errorsOf(status)).toEqual(texts)
  })

  it('stays, or goes as a whole', () => {
    const [before, after] = [allocated(), allocated({ device: 'gpu-1' })]
    expect(errorsOf(after, before)).toEqual([
      `status.allocation: Invalid value: ${JSON.stringify(after.allocation)}: field is immutable`,
    ])
    expect(errorsOf({}, before)).toEqual([])
  })
})

describe('the consumers of a claim', () => {
  const consumer = (uid: string) => ({ resource: 'pods', name: 'p', uid })
  const reserved = (...uids: string[]) => ({ ...allocated(), reservedFor: uids.map(consumer) })
  const going = { deletionTimestamp: '2026-01-01T00:00:00Z' }
  const noneNew = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'

  it.each<[object, object, object, string[]]>([
    [reserved('1', '2'), allocated(), {}, []],
    [reserved('1', '1'), allocated(), {}, ['status.reservedFor[1]: Duplicate value: "1"']],
    [
      { reservedFor: [consumer('1')] },
      {},
      {},
      ['status.reservedFor: Forbidden: may not be specified when `allocated` is not set'],
    ],
    [reserved('1'), reserved('1', '2'), going, []],
    [reserved('1', '2'), reserved('1'), going, [`status.reservedFor: Forbidden: ${noneNew}`]],
    [
      { ...allocated(), reservedFor: [{}] },
      allocated(),
      {},
      ['resource', 'name', 'uid'].map((name) => `status.reservedFor[0].${name}: Required value`),
    ],
    [
      reserved(...Array.from({ length: 257 }, (_, index) => String(index))),
      allocated(),
      {},
      ['status.reservedFor: Too many: 257: must have at most 256 items'],
    ],
  ])('%j after %j, %j → %j', (status, before, metadata, texts) => {
    expect(errorsOf(status, before, metadata)).toEqual(texts)
  })
})

describe('what a driver says of a device', () => {
  const at = 'status.devices[0]'
  const identity = '{"Driver":{},"Pool":{},"Device":{},"ShareID":{}}'
  const condition = (type: string) => ({
    ...{ type, status: 'True', reason: 'Up', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
  })

  it.each<[object[], string[]]>([
    [
      [{ ...place, conditions: [condition('Ready')], data: {}, networkData: { ips: ['10.1.2.3/24', 'fd00::1/64'] } }],
      [],
    ],
    [[place, place], [`status.devices[1]: Duplicate value: ${identity}`]],
    [[{ ...place, device: 'gpu-1' }], [`${at}: Invalid value: ${identity}: must be an allocated device in the claim`]],
    [
      [{ ...place, conditions: [...'abcdefghi'].map(condition) }],
      [`${at}.conditions: Too many: 9: must have at most 8 items`],
    ],
    [[{ ...place, data: [] }], [`${at}.data: Invalid value: "<value omitted>": must be a valid JSON object`]],
    [
      [{ ...place, networkData: { interfaceName: 'x'.repeat(257), hardwareAddress: 'x'.repeat(129) } }],
      [
        `${at}.networkData.interfaceName: Too long: may not be more than 256 bytes`,
        `${at}.networkData.hardwareAddress: Too long: may not be more than 128 bytes`,
      ],
    ],
    [
      [{ ...place, networkData: { ips: ['10.1.2.3', '10.1.2.3/24', '10.1.2.3/24'] } }],
      [
        `${at}.networkData.ips[0]: Invalid value: "10.1.2.3": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)`,
        `${at}.networkData.ips[2]: Duplicate value: "10.1.2.3/24"`,
      ],
    ],
  ])('%j → %j', (devices, texts) => {
    expect(errorsOf({ ...allocated(), devices }, allocated())).toEqual(texts)
  })

  it('goes with the device', () => {
    const other = { ...place, device: 'gpu-1' }
    const draft = claim({ devices: [place, other] })
    claims.prepareUpdate?.(draft, claim({ ...allocated(), devices: [place] }))
    expect(draft.status).toEqual({ devices: [other] })
    const released = claim({ devices: [place] })
    claims.prepareUpdate?.(released, claim({ ...allocated(), devices: [place] }))
    expect(released.status).toEqual({})
  })
})

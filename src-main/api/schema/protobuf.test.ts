import { describe, expect, it } from 'vitest'
import { bytesFromBase64 } from './protobuf/base64.ts'
import { decodeProtobuf, encodeProtobuf, hasProtobuf } from './protobuf.ts'
import { ProtobufError, type ProtobufErrorCode } from './protobuf/protobuf-error.ts'
import { definitions, schemaNamed } from './schema.ts'
import { aValueOf } from '../../../test/support/sample-values.ts'

const magic = [0x6b, 0x38, 0x73, 0x00]
const utf8 = new TextEncoder()
/** A length-delimited field; its number and content stay below 16 and 128. */
const field = (number: number, ...content: (number | string | readonly number[])[]): number[] => {
  const bytes = content.flatMap((part) => (typeof part === 'string' ? [...utf8.encode(part)] : part))
  return [number * 8 + 2, bytes.length, ...bytes]
}
const integer = (number: number, ...varint: number[]): number[] => [number * 8, ...varint]
const envelope = (apiVersion: string, kind: string, ...message: number[]): Uint8Array =>
  Uint8Array.from([
    ...magic,
    ...field(1, field(1, apiVersion), field(2, kind)),
    ...field(2, message),
    ...field(3),
    ...field(4),
  ])

const codeOf = (run: () => unknown): ProtobufErrorCode | undefined => {
  try {
    run()
  } catch (error) {
    if (error instanceof ProtobufError) return error.code
    throw error
  }
  return undefined
}

describe('decodeProtobuf', () => {
  it('reads the envelope and names the kind first', () => {
    const object = decodeProtobuf(envelope('v1', 'Namespace', ...field(1, field(1, 'a'))))
    expect(object).toEqual({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } })
    expect(Object.keys(object)).toEqual(['apiVersion', 'kind', 'metadata'])
  })

  it('keeps a zero that a client set, and drops the zeros that Go always writes', () => {
    // spec.replicas is a pointer in Go; spec.minReadySeconds and spec.paused are values.
    const spec = [...integer(1, 0), ...integer(5, 0), ...integer(7, 0)]
    expect(decodeProtobuf(envelope('apps/v1', 'Deployment', ...field(2, spec)))).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { replicas: 0 },
    })
  })

  it('drops the empty texts that Go always writes, and keeps those that say something', () => {
    const metadata = [...field(1, 'a'), ...field(2), ...field(3), ...field(5)]
    const claim = decodeProtobuf(envelope('v1', 'PersistentVolumeClaim', ...field(1, metadata), ...field(2, field(5))))
    expect(claim).toMatchObject({ metadata: { name: 'a' }, spec: { storageClassName: '' } })
    expect(Object.keys(claim.metadata ?? {})).toEqual(['name'])
  })

  it('lays the fields of inlined structs into the object around them', () => {
    const emptyDir = field(2, field(2, field(1, 'Memory')))
    const volume = [...field(1, 'tmp'), ...emptyDir]
    expect(decodeProtobuf(envelope('v1', 'Pod', ...field(2, field(1, volume))))['spec']).toEqual({
      volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory' } }],
    })
  })

  it('reads times, quantities, numbers or texts, bytes and maps', () => {
    const created = field(8, integer(1, 0x80, 0xa3, 0x05))
    const resources = field(8, field(1, field(1, 'cpu'), field(2, field(1, '1'))))
    const pod = decodeProtobuf(envelope('v1', 'Pod', ...field(1, created), ...field(2, field(2, resources))))
    expect(pod).toMatchObject({
      metadata: { creationTimestamp: '1970-01-02T00:00:00Z' },
      spec: { containers: [{ resources: { limits: { cpu: '1' } } }] },
    })
    const port = (...target: number[]): unknown =>
      decodeProtobuf(envelope('v1', 'Service', ...field(1), ...field(2, field(1, field(4, target)))))['spec']
    expect(port(...integer(1, 1), ...field(3, 'http'))).toEqual({ ports: [{ targetPort: 'http' }] })
    expect(port(...integer(1, 0), ...integer(2, 80))).toEqual({ ports: [{ targetPort: 80 }] })
    expect(port(...integer(1, 0), ...integer(2, 0))).toEqual({ ports: [{}] })
    const secret = decodeProtobuf(envelope('v1', 'Secret', ...field(2, field(1, 'a'), field(2, [0xff, 0]))))
    expect(secret['data']).toEqual({ a: '/wA=' })
  })

  it('reads negative numbers and packed lists', () => {
    const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    const priority = decodeProtobuf(envelope('scheduling.k8s.io/v1', 'PriorityClass', ...integer(2, ...minusOne)))
    expect(priority['value']).toBe(-1)
    const groups = field(14, field(4, [1, 0x80, 0x01]))
    expect(decodeProtobuf(envelope('v1', 'Pod', ...field(2, groups)))['spec']).toEqual({
      securityContext: { supplementalGroups: [1, 128] },
    })
  })

  it('leaves out a time that was never set', () => {
    expect(decodeProtobuf(envelope('v1', 'Pod', ...field(1, field(8))))).toMatchObject({ metadata: {} })
  })

  it('gives an empty list its items', () => {
    expect(decodeProtobuf(envelope('v1', 'PodList', ...field(1)))['items']).toEqual([])
  })

  it('passes over fields that it does not know', () => {
    const unknown = [...integer(15, 7), ...field(14, 'x'), 13 * 8 + 5, 1, 2, 3, 4, 12 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8]
    expect(decodeProtobuf(envelope('v1', 'Namespace', ...unknown))).toEqual({ apiVersion: 'v1', kind: 'Namespace' })
  })

  it('reads options in any group', () => {
    expect(decodeProtobuf(envelope('apps/v1', 'DeleteOptions', ...integer(1, 0)))).toMatchObject({
      gracePeriodSeconds: 0,
    })
  })

  it('reads an envelope around JSON', () => {
    const bytes = Uint8Array.from([...magic, ...field(2, '{"kind":"X"}'), ...field(4, 'application/json')])
    expect(decodeProtobuf(bytes)).toEqual({ kind: 'X' })
  })
})

describe('bodies that kubectl 1.33 sends', () => {
  const decode = (base64: string): unknown => decodeProtobuf(bytesFromBase64(base64))

  it('reads `create deployment web --image=orrery.dev/web:1 --replicas=0 --port=80`', () => {
    const body =
      'azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50EsEBCh8KA3dlYhIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViEo8BCAASDAoKCgNhcHASA3dl' +
      'Yhp1ChwKABIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViElUSNwoDd2ViEhBvcnJlcnkuZGV2L3dlYjoxKgAyCgoAEAAYUCIAKgBCAGoAcgCA' +
      'AQCIAQCQAQCiAQAaADIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAIgIKACgAOAAaDAgAEAAYACAAKAA4ABoAIgA='
    expect(decode(body)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [{ name: 'web', image: 'orrery.dev/web:1', ports: [{ containerPort: 80 }], resources: {} }],
          },
        },
        strategy: {},
      },
      status: {},
    })
  })

  it('reads `create service clusterip x --tcp=80:web`', () => {
    const body =
      'azhzAAoNCgJ2MRIHU2VydmljZRJkChsKAXgSABoAIgAqADIAOABCAFoICgNhcHASAXgSQQocCgY4MC13ZWISA1RDUBhQIgkIARAAGgN3ZWIo' +
      'ABIICgNhcHASAXgaACIJQ2x1c3RlcklQOgBCAFIAWgBgAGgAGgIKABoAIgA='
    expect(decode(body)).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'x', labels: { app: 'x' } },
      spec: {
        ports: [{ name: '80-web', protocol: 'TCP', port: 80, targetPort: 'web' }],
        selector: { app: 'x' },
        type: 'ClusterIP',
      },
      status: { loadBalancer: {} },
    })
  })

  it('reads `auth can-i get pods`', () => {
    const body =
      'azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSPAoQCgASABoAIgAqADIAOABCABIeChwK' +
      'B2RlZmF1bHQSA2dldBoAIgAqBHBvZHMyADoAGggIABIAGgAgABoAIgA='
    expect(decode(body)).toEqual({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: { resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' } },
      status: { allowed: false },
    })
  })
})

describe('bad protobuf', () => {
  const good = envelope('v1', 'Namespace', ...field(1, field(1, 'name'), field(11, field(1, 'a'), field(2, 'b'))))

  it('is told apart by code', () => {
    expect(codeOf(() => decodeProtobuf(utf8.encode('{"kind":"Pod"}')))).toBe('NotProtobuf')
    expect(codeOf(() => decodeProtobuf(new Uint8Array()))).toBe('NotProtobuf')
    expect(codeOf(() => decodeProtobuf(envelope('example.com/v1', 'Custom')))).toBe('UnknownKind')
    expect(codeOf(() => decodeProtobuf(envelope('v1', 'Pod', 0x07)))).toBe('Malformed')
    expect(codeOf(() => decodeProtobuf(envelope('v1', 'Pod', ...integer(2, 1))))).toBe('Malformed')
    expect(codeOf(() => decodeProtobuf(envelope('v1', 'Pod', ...field(1, field(1, [0xff])))))).toBe('Malformed')
    expect(codeOf(() => decodeProtobuf(Uint8Array.from([...magic, ...field(3, 'gzip')])))).toBe('UnsupportedEncoding')
    const endless = Array.from({ length: 11 }, () => 0xff)
    expect(codeOf(() => decodeProtobuf(envelope('apps/v1', 'Deployment', ...field(2, integer(1, ...endless)))))).toBe(
      'Malformed',
    )
  })

  it('never makes anything but a ProtobufError of a truncated message', () => {
    for (let length = 0; length < good.length; length++) {
      const code = codeOf(() => decodeProtobuf(good.slice(0, length)))
      expect([undefined, 'NotProtobuf', 'Truncated', 'UnknownKind', 'Malformed']).toContain(code)
    }
  })

  it('never makes anything but a ProtobufError of a damaged byte', () => {
    for (let at = 4; at < good.length; at++) {
      for (const value of [0, 0x7f, 0x80, 0xff]) {
        const damaged = good.slice()
        damaged[at] = value
        codeOf(() => decodeProtobuf(damaged))
      }
    }
  })

  it('does not follow endless nesting', () => {
    let schema: Record<string, unknown> = {}
    for (let level = 0; level < 300; level++) schema = { not: schema }
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      spec: { versions: [{ schema: { openAPIV3Schema: schema } }] },
    }
    expect(codeOf(() => decodeProtobuf(encodeProtobuf(crd)))).toBe('TooDeep')
  })
})

describe('encodeProtobuf', () => {
  const kinds = Object.entries(definitions).filter(([, { gvk, proto }]) => gvk !== undefined && proto !== undefined)

  it('gives back every field of every kind', () => {
    expect(kinds.length).toBeGreaterThan(150)
    for (const [name, { gvk }] of kinds) {
      const [group, version, kind] = gvk![0]!
      const apiVersion = group === '' ? version : `${group}/${version}`
      const object = { ...(aValueOf(schemaNamed(name)!) as object), apiVersion, kind }
      expect(decodeProtobuf(encodeProtobuf(object)), name).toEqual(object)
    }
  })

  it('writes the bytes that the format asks for', () => {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', labels: { b: 'é' } } }
    expect([...encodeProtobuf(object)]).toEqual([
      ...envelope('v1', 'Namespace', ...field(1, field(1, 'a'), field(11, field(1, 'b'), field(2, 'é')))),
    ])
  })

  it('keeps long texts and large numbers', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'ü'.repeat(5000),
        annotations: { a: 'x'.repeat(100_000) },
        generation: 2 ** 52,
        deletionGracePeriodSeconds: -5,
      },
    }
    expect(decodeProtobuf(encodeProtobuf(object))).toEqual(object)
  })

  it('refuses what has no protobuf form', () => {
    expect(hasProtobuf('v1', 'Pod')).toBe(true)
    expect(hasProtobuf('lab.orrery.dev/v1', 'Lab')).toBe(false)
    expect(codeOf(() => encodeProtobuf({ apiVersion: 'lab.orrery.dev/v1', kind: 'Lab' }))).toBe('UnknownKind')
  })
})

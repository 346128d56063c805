import { describe, expect, it } from 'vitest'
import { acceptsGzip, negotiate } from './accept.ts'

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

describe('the form of an answer', () => {
  it.each([
    ['nothing asked', undefined, { format: 'json' }],
    ['anything', '*/*', { format: 'json' }],
    ['JSON', 'application/json', { format: 'json' }],
    ['YAML', 'application/yaml', { format: 'yaml' }],
    ['a table, or else JSON', `${table},application/json`, { format: 'json', shape: { type: 'Table', version: 'v1' } }],
    [
      'metadata alone',
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      { format: 'json', shape: { type: 'PartialObjectMetadata', version: 'v1' } },
    ],
    [
      'a shape that does not exist, or else JSON',
      'application/json;as=Graph;v=v1;g=meta.k8s.io, application/json',
      { format: 'json' },
    ],
    ['a format that does not exist, or else YAML', 'application/cbor, application/yaml;q=0.5', { format: 'yaml' }],
    ['what a client likes better', 'application/json;q=0.5, application/yaml', { format: 'yaml' }],
    [
      'protobuf and JSON alike, in that order',
      'application/vnd.kubernetes.protobuf, application/json',
      { format: 'protobuf' },
    ],
    ['JSON and protobuf alike', 'application/json, application/vnd.kubernetes.protobuf', { format: 'json' }],
    ['protobuf, or anything', 'application/vnd.kubernetes.protobuf, */*', { format: 'protobuf' }],
    ['anything, or else YAML', '*/*, application/yaml', { format: 'yaml' }],
    [
      'protobuf rather than JSON',
      'application/vnd.kubernetes.protobuf, application/json;q=0.9',
      { format: 'protobuf' },
    ],
    ['protobuf only', 'application/vnd.kubernetes.protobuf', { format: 'protobuf' }],
    ['nothing that there is', 'text/html', undefined],
    ['explicitly not JSON', 'application/json;q=0', undefined],
  ])('for %s', (_what, header, expected) => {
    expect(negotiate(header, true)).toEqual(expected)
  })

  it('is never protobuf where there is none', () => {
    expect(negotiate('application/vnd.kubernetes.protobuf', false)).toBeUndefined()
  })
})

describe('gzip', () => {
  it.each([
    ['gzip', true],
    ['deflate, gzip;q=0.8', true],
    ['gzip;q=0', false],
    ['identity', false],
    [undefined, false],
  ])('is welcome under %s: %s', (header, expected) => {
    expect(acceptsGzip(header)).toBe(expected)
  })
})

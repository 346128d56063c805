/** What is said of classes, attachments and drivers of storage: `[resource, object, causes]` for each. */
import { expect, it } from 'vitest'
import { fieldErrorBody, type FieldError } from '../../field-error.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { kindByResource } from '../index.ts'

const group = 'storage.k8s.io'
const words = (errors: readonly FieldError[] = []): string[] =>
  errors.map((error) => `${error.path}: ${fieldErrorBody(error)}`)

const said = (resource: string, object: object): string[] => {
  const kind = kindByResource(group, 'v1', resource)
  const draft = { metadata: { name: 'a' }, ...structuredClone(object) } as DynamicObject
  kind?.defaults?.(draft)
  return words([...(kind?.validate?.(draft) ?? []), ...(kind?.validateNew?.(draft) ?? [])])
}
const changed = (resource: string, before: object, after: object): string[] =>
  words(kindByResource(group, 'v1', resource)?.validateUpdate?.(after as DynamicObject, before as DynamicObject))

const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const onlyInline = 'Forbidden: may not be specified in the context of inline volumes'
const attachment = { attacher: 'a.io', nodeName: 'n', source: { persistentVolumeName: 'v' } }
const zone = { key: 'zone', values: ['a', 'b'] }

it.each<[string, object, string[]]>([
  [
    'storageclasses',
    { provisioner: 'A B', reclaimPolicy: 'Recycle', volumeBindingMode: 'Odd', parameters: { '': 'x' } },
    [
      `provisioner: Invalid value: "a b": ${qualified}`,
      'parameters: Invalid value: "": field can not be empty.',
      'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
      'volumeBindingMode: Unsupported value: "Odd": supported values: "Immediate", "WaitForFirstConsumer"',
    ],
  ],
  [
    'storageclasses',
    { provisioner: 'p', parameters: Object.fromEntries(Array.from({ length: 513 }, (_, at) => [`${at || ''}`, 'x'])) },
    ['parameters: Too long: may not be more than 512 bytes'],
  ],
  [
    'storageclasses',
    { provisioner: 'p', parameters: { a: 'ä'.repeat(131_072) } },
    ['parameters: Too long: may not be more than 262144 bytes'],
  ],
  [
    'storageclasses',
    {
      provisioner: 'p',
      allowedTopologies: [
        { matchLabelExpressions: [zone] },
        { matchLabelExpressions: [{ key: 'zone', values: ['b', 'a'] }] },
        { matchLabelExpressions: [] },
      ],
    },
    [
      'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
      'allowedTopologies[2].matchLabelExpressions: Duplicate value: ""',
    ],
  ],
  ['volumeattachments', { spec: attachment }, []],
  [
    'volumeattachments',
    { spec: { source: { persistentVolumeName: '' } } },
    [
      'spec.attacher: Required value',
      'spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName',
      `spec.nodeName: Invalid value: "": ${subdomain}`,
      'spec.attacher: Required value',
      `spec.attacher: Invalid value: "": ${subdomain}`,
      `spec.source.persistentVolumeName: Invalid value: "": ${subdomain}`,
    ],
  ],
  [
    'volumeattachments',
    { spec: { ...attachment, source: { persistentVolumeName: 'v', inlineVolumeSpec: {} } } },
    ['spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName'],
  ],
  [
    'volumeattachments',
    {
      spec: {
        ...attachment,
        source: {
          inlineVolumeSpec: {
            capacity: { storage: '1' },
            claimRef: {},
            persistentVolumeReclaimPolicy: 'Delete',
            storageClassName: 'c',
            volumeMode: 'Block',
            nodeAffinity: {},
            hostPath: { path: '/a' },
          },
        },
      },
    },
    [
      `spec.source.inlineVolumeSpec.claimRef: ${onlyInline}`,
      `spec.source.inlineVolumeSpec.capacity: ${onlyInline}`,
      'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.accessModes: Required value',
      'spec.source.inlineVolumeSpec.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes',
      `spec.source.inlineVolumeSpec.nodeAffinity: ${onlyInline}`,
      `spec.source.inlineVolumeSpec.storageClassName: ${onlyInline}`,
      'spec.source.inlineVolumeSpec.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes',
    ],
  ],
  [
    'volumeattachments',
    { spec: attachment, status: { attachError: { message: 'x'.repeat(1025), errorCode: -1 } } },
    [
      'status.attachError.message: Too long: may not be more than 262144 bytes',
      'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
  ],
  [
    'csidrivers',
    {
      spec: {
        volumeLifecycleModes: ['Odd'],
        tokenRequests: [
          { audience: 'a', expirationSeconds: 1 },
          { audience: 'b', expirationSeconds: 2 ** 33 },
          { audience: 'a' },
        ],
      },
    },
    [
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].expirationSeconds: Invalid value: 8589934592: may not specify a duration larger than 2^32 seconds',
      'spec.tokenRequests[2].audience: Duplicate value: "a"',
      'spec.volumeLifecycleModes: Unsupported value: "Odd": supported values: "Persistent", "Ephemeral"',
    ],
  ],
  ['csidrivers', { metadata: { name: 'a'.repeat(64) }, spec: {} }, []],
  [
    'csidrivers',
    { spec: { serviceAccountTokenInSecrets: true } },
    [
      'spec.serviceAccountTokenInSecrets: Invalid value: true: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
    ],
  ],
  [
    'csistoragecapacities',
    { capacity: '-1', maximumVolumeSize: '-1' },
    [
      `storageClassName: Invalid value: "": ${subdomain}`,
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ],
  [
    'volumeattributesclasses',
    { driverName: 'A B' },
    [
      `driverName: Invalid value: "a b": ${qualified}`,
      'parameters: Required value: must contain at least one key/value pair',
    ],
  ],
])('%s %j', (resource, object, causes) => {
  expect(said(resource, object)).toEqual(causes)
})

it('a driver without a spec has the defaults of one', () => {
  const draft: DynamicObject = { metadata: { name: 'a' } }
  kindByResource(group, 'v1', 'csidrivers')?.defaults?.(draft)
  expect(draft).toMatchObject({ spec: { attachRequired: true, volumeLifecycleModes: ['Persistent'] } })
})

it('a driver stays as it was made, under the names that Kubernetes gives its fields', () => {
  const before = { spec: { attachRequired: true, volumeLifecycleModes: ['Persistent'] } }
  const after = { spec: { attachRequired: false, volumeLifecycleModes: ['Ephemeral'] } }
  expect(changed('csidrivers', before, after)).toEqual([
    'spec.attachedRequired: Invalid value: false: field is immutable',
    'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
  ])
})

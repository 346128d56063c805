/** Tables of kinds that have nothing else of their own: columns that show fields as they are. */
import type { Column } from '../define-kind.ts'
import { findCondition } from '../meta/conditions.ts'
import { humanAge } from '../meta/duration.ts'
import type { DynamicObject } from '../meta/object.ts'
import { ageColumn, column, nameColumn, none, unset } from './table-columns.ts'

type Cell = string | number | boolean
type Table = readonly Column<DynamicObject>[]

/** The value at a path such as `spec.source.name`; undefined as soon as a part is missing. */
function valueAt(object: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined,
      object,
    )
}

const isCell = (value: unknown): value is Cell =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** Shows the field at `path`; lists as texts between commas. */
function field(name: string, path: string, absent: Cell = ''): Column<DynamicObject> {
  return column(name, 'string', (object) => {
    const value = valueAt(object, path)
    if (Array.isArray(value)) return value.length === 0 ? absent : value.map(String).join(',')
    return isCell(value) && value !== '' ? value : absent
  })
}

function count(name: string, path: string): Column<DynamicObject> {
  return column(name, 'integer', (object) => {
    const value = valueAt(object, path)
    return Array.isArray(value) ? value.length : 0
  })
}

function since(name: string, path: string): Column<DynamicObject> {
  return column(name, 'string', (object, now) => {
    const value = valueAt(object, path)
    return typeof value === 'string' ? humanAge(value, now) : none
  })
}

const text = (value: unknown): string => (isCell(value) ? String(value) : '')

/** What a policy takes its parameters from. */
const parameterKind = column<DynamicObject>('ParamKind', 'string', (object) => {
  const kind = valueAt(object, 'spec.paramKind')
  return kind === undefined ? unset : `${text(valueAt(kind, 'apiVersion'))}/${text(valueAt(kind, 'kind'))}`
})

const parameterReference = column<DynamicObject>('ParamRef', 'string', (object) => {
  const reference = valueAt(object, 'spec.paramRef')
  if (reference === undefined) return unset
  const namespace = text(valueAt(reference, 'namespace'))
  const name = text(valueAt(reference, 'name'))
  return `${namespace === '' ? '*' : namespace}/${name === '' ? '*' : name}`
})

const parentReference = column<DynamicObject>('ParentRef', 'string', (object) => {
  const parent = valueAt(object, 'spec.parentRef')
  const parts = ['namespace', 'name'].map((part) => text(valueAt(parent, part))).filter((part) => part !== '')
  const group = text(valueAt(parent, 'group'))
  const resource = text(valueAt(parent, 'resource'))
  return [group === '' ? resource : `${resource}.${group}`, ...parts].join('/')
})

/** Where a claim is on its way from nothing to a reserved device. */
const claimState = column<DynamicObject>('State', 'string', (object) => {
  const reserved = valueAt(object, 'status.reservedFor')
  const states = [
    object.metadata?.deletionTimestamp === undefined ? '' : 'deleted',
    valueAt(object, 'status.allocation') === undefined ? '' : 'allocated',
    Array.isArray(reserved) && reserved.length > 0 ? 'reserved' : '',
  ].filter((state) => state !== '')
  return states.length === 0 ? 'pending' : states.join(',')
})

/** For whom a driver wants tokens of pods. */
const tokenAudiences = column<DynamicObject>('TokenRequests', 'string', (object) => {
  const requests = valueAt(object, 'spec.tokenRequests')
  if (!Array.isArray(requests) || requests.length === 0) return unset
  return requests.map((request) => text(valueAt(request, 'audience'))).join(',')
})

/** Whether a flow schema's priority level is missing. */
const missingLevel = column<DynamicObject>('MissingPL', 'string', (object) => {
  const conditions = valueAt(object, 'status.conditions')
  if (!Array.isArray(conditions)) return '?'
  return findCondition(conditions as readonly { type: string; status: string }[], 'Dangling')?.status ?? '?'
})

function healthColumn(name: string, of: (condition: Record<string, unknown>) => string): Column<DynamicObject> {
  return column(name, 'string', ({ conditions }) => {
    const all = Array.isArray(conditions) ? (conditions as Record<string, unknown>[]) : []
    const healthy = all.find(({ type }) => type === 'Healthy')
    return healthy === undefined ? (name === 'Status' ? 'Unknown' : '') : of(healthy)
  })
}

const policyBinding: Table = [nameColumn, field('PolicyName', 'spec.policyName'), parameterReference, ageColumn]
const queuing = 'spec.limited.limitResponse.queuing'

/** Keyed by `plural.group`. */
export const plainTables: Readonly<Record<string, Table>> = {
  componentstatuses: [
    nameColumn,
    healthColumn('Status', ({ status }) => (status === 'True' ? 'Healthy' : 'Unhealthy')),
    healthColumn('Message', ({ message }) => text(message)),
    healthColumn('Error', ({ error }) => text(error)),
  ],
  'mutatingadmissionpolicies.admissionregistration.k8s.io': [
    nameColumn,
    count('Mutations', 'spec.mutations'),
    parameterKind,
    ageColumn,
  ],
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': policyBinding,
  'validatingadmissionpolicies.admissionregistration.k8s.io': [
    nameColumn,
    count('Validations', 'spec.validations'),
    parameterKind,
    ageColumn,
  ],
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': policyBinding,
  'leasecandidates.coordination.k8s.io': [
    nameColumn,
    field('LeaseName', 'spec.leaseName'),
    field('BinaryVersion', 'spec.binaryVersion'),
    field('EmulationVersion', 'spec.emulationVersion'),
    since('PingTime', 'spec.pingTime'),
    since('RenewTime', 'spec.renewTime'),
    ageColumn,
  ],
  'flowschemas.flowcontrol.apiserver.k8s.io': [
    nameColumn,
    field('PriorityLevel', 'spec.priorityLevelConfiguration.name'),
    field('MatchingPrecedence', 'spec.matchingPrecedence'),
    field('DistinguisherMethod', 'spec.distinguisherMethod.type', none),
    ageColumn,
    missingLevel,
  ],
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': [
    nameColumn,
    field('Type', 'spec.type'),
    field('NominalConcurrencyShares', 'spec.limited.nominalConcurrencyShares', none),
    field('Queues', `${queuing}.queues`, none),
    field('HandSize', `${queuing}.handSize`, none),
    field('QueueLengthLimit', `${queuing}.queueLengthLimit`, none),
    ageColumn,
  ],
  'ipaddresses.networking.k8s.io': [nameColumn, parentReference, ageColumn],
  'servicecidrs.networking.k8s.io': [nameColumn, field('CIDRs', 'spec.cidrs'), ageColumn],
  'runtimeclasses.node.k8s.io': [nameColumn, field('Handler', 'handler'), ageColumn],
  'deviceclasses.resource.k8s.io': [nameColumn, ageColumn],
  'resourceclaims.resource.k8s.io': [nameColumn, claimState, ageColumn],
  'resourceclaimtemplates.resource.k8s.io': [nameColumn, ageColumn],
  'resourceslices.resource.k8s.io': [
    nameColumn,
    field('Node', 'spec.nodeName', unset),
    field('Driver', 'spec.driver'),
    field('Pool', 'spec.pool.name'),
    ageColumn,
  ],
  'csidrivers.storage.k8s.io': [
    nameColumn,
    field('AttachRequired', 'spec.attachRequired', true),
    field('PodInfoOnMount', 'spec.podInfoOnMount', false),
    field('StorageCapacity', 'spec.storageCapacity', false),
    tokenAudiences,
    field('RequiresRepublish', 'spec.requiresRepublish', false),
    field('Modes', 'spec.volumeLifecycleModes', none),
    ageColumn,
  ],
  'csinodes.storage.k8s.io': [nameColumn, count('Drivers', 'spec.drivers'), ageColumn],
  'csistoragecapacities.storage.k8s.io': [
    nameColumn,
    field('StorageClassName', 'storageClassName'),
    field('Capacity', 'capacity', unset),
  ],
  'volumeattachments.storage.k8s.io': [
    nameColumn,
    field('Attacher', 'spec.attacher'),
    field('PV', 'spec.source.persistentVolumeName'),
    field('Node', 'spec.nodeName'),
    field('Attached', 'status.attached', false),
    ageColumn,
  ],
  'volumeattributesclasses.storage.k8s.io': [nameColumn, field('DriverName', 'driverName'), ageColumn],
}

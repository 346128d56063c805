/** Puts groups of endpoints into EndpointSlices, with as few changes to those that are there as possible. */
import type { Live } from '../../api/meta/object.ts'
import { safeEncode, stableText } from '../../api/meta/pod.ts'
import type { OwnerReference } from '../../api/types/meta-v1.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery-v1.ts'

export interface SlicesPlan {
  readonly create: readonly EndpointSlice[]
  readonly update: readonly Live<EndpointSlice>[]
  readonly remove: readonly Live<EndpointSlice>[]
}

/** Endpoints with the same ports, and so of the same slices. */
export interface EndpointGroup {
  readonly addressType: 'IPv4' | 'IPv6'
  readonly ports: readonly EndpointPort[]
  /** By the address, which no two endpoints share. */
  readonly endpoints: Map<string, Endpoint>
}

/** What all slices of one service have in common. */
export interface SliceFrame {
  readonly owner: { readonly name: string; readonly uid: string; readonly namespace: string | undefined }
  readonly ownerReference: OwnerReference
  readonly labels: Readonly<Record<string, string>>
  /** Absent: what stands on a slice stays. */
  readonly annotations?: Readonly<Record<string, string>>
  readonly endpointsPerSlice: number
}

export const groupKey = (addressType: string, ports: readonly EndpointPort[]): string =>
  stableText([addressType, ports.map((port) => stableText(port)).sort()])

export function planSlices(
  groups: ReadonlyMap<string, EndpointGroup>,
  slices: readonly Live<EndpointSlice>[],
  frame: SliceFrame,
): SlicesPlan {
  const create: EndpointSlice[] = []
  const update: Live<EndpointSlice>[] = []
  const remove: Live<EndpointSlice>[] = []
  const left = new Set(slices)
  const names = new Set(slices.map(({ metadata }) => metadata.name))
  for (const [key, group] of groups) {
    const own = slices.filter((slice) => groupKey(slice.addressType, slice.ports ?? []) === key)
    for (const slice of own) left.delete(slice)
    for (const { slice, endpoints } of fill(own, group, frame.endpointsPerSlice)) {
      if (slice === undefined) create.push(newSlice(frame, key, group, endpoints, names))
      else if (endpoints.length === 0 && !isPlaceholder(groups, group, own, slice)) remove.push(slice)
      else {
        const next = framed(slice, endpoints, frame)
        if (stableText(next) !== stableText({ ...slice, endpoints: slice.endpoints ?? [] })) update.push(next)
      }
    }
  }
  return { create, update, remove: [...remove, ...left] }
}

function framed(slice: Live<EndpointSlice>, endpoints: Endpoint[], frame: SliceFrame): Live<EndpointSlice> {
  const annotations = frame.annotations === undefined ? {} : { annotations: { ...frame.annotations } }
  const { annotations: before, ...metadata } = slice.metadata
  const kept = before === undefined ? {} : { annotations: before }
  const wanted = frame.annotations === undefined || Object.keys(frame.annotations).length > 0 ? annotations : {}
  return {
    ...slice,
    endpoints,
    metadata: { ...metadata, ...(frame.annotations === undefined ? kept : wanted), labels: { ...frame.labels } },
  }
}

/** The one slice that stays when a service has no endpoints at all, so that everybody knows that it has none. */
const isPlaceholder = (
  groups: ReadonlyMap<string, EndpointGroup>,
  group: EndpointGroup,
  own: readonly Live<EndpointSlice>[],
  slice: Live<EndpointSlice>,
): boolean =>
  group.endpoints.size === 0 &&
  own[0] === slice &&
  [...groups.values()].filter(({ addressType }) => addressType === group.addressType).length === 1

interface Filled {
  readonly slice: Live<EndpointSlice> | undefined
  readonly endpoints: Endpoint[]
}

/** Endpoints stay in the slice where they are; new ones go where there is room, first into slices that change anyway. */
function fill(own: readonly Live<EndpointSlice>[], group: EndpointGroup, endpointsPerSlice: number): Filled[] {
  const missing = new Map(group.endpoints)
  const filled: Filled[] = own.map((slice) => {
    const endpoints = (slice.endpoints ?? []).flatMap(({ addresses }) => {
      const [address = ''] = addresses
      const wanted = missing.get(address)
      missing.delete(address)
      return wanted === undefined ? [] : [wanted]
    })
    return { slice, endpoints }
  })
  const changes = ({ slice, endpoints }: Filled): number =>
    stableText(slice?.endpoints ?? []) === stableText(endpoints) ? 1 : 0
  const waiting = [...missing.values()]
  for (const { endpoints } of [...filled].sort((a, b) => changes(a) - changes(b)))
    endpoints.push(...waiting.splice(0, endpointsPerSlice - endpoints.length))
  while (waiting.length > 0) filled.push({ slice: undefined, endpoints: waiting.splice(0, endpointsPerSlice) })
  if (filled.length === 0) filled.push({ slice: undefined, endpoints: [] })
  return filled
}

/** The name follows from what the slice is for: a second try with an old cache meets the slice of the first. */
function newSlice(
  { owner, ownerReference, labels, annotations = {} }: SliceFrame,
  key: string,
  { addressType, ports }: EndpointGroup,
  endpoints: Endpoint[],
  names: Set<string>,
): EndpointSlice {
  let ordinal = 0
  const nameAt = (): string => `${owner.name}-${shortHash(`${owner.uid} ${key} ${ordinal}`)}`
  while (names.has(nameAt())) ordinal++
  const name = nameAt()
  names.add(name)
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      ...(owner.namespace === undefined ? {} : { namespace: owner.namespace }),
      labels: { ...labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } }),
      ownerReferences: [ownerReference],
    },
    addressType,
    endpoints,
    ports: [...ports],
  }
}

/** Five letters, in the alphabet of generated names. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return safeEncode(String(hash >>> 0).padStart(5, '0')).slice(-5)
}

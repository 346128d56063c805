import { matchesNodeSelector } from '../../api/meta/node-affinity.ts'
import {
  canBeReserved,
  isReservedFor,
  missingClass,
  namesClaim,
  resourceClaimsOf,
  usesResourceClaims,
} from '../devices/pod-resource-claims.ts'
import { fits, unresolvable, type Predicate } from '../framework.ts'
import { isRefused } from '../volumes/pod-claims.ts'

export const dynamicResourcesName = 'DynamicResources'

const inUse = unresolvable('resourceclaim in use')
const elsewhere = unresolvable('resourceclaim not available on the node')
const notAllocated = unresolvable('cannot allocate all claims')

/**
 * Every resource claim of the pod must be there, with devices that the node reaches. Devices are allocated by others:
 * a claim that has none keeps the pod from every node.
 */
export const dynamicResources: Predicate = {
  name: dynamicResourcesName,
  prepare(pod, { devices }) {
    if (!usesResourceClaims(pod)) return undefined
    const claims = resourceClaimsOf(pod, devices)
    if (isRefused(claims)) return claims
    if (claims.length === 0) return undefined
    for (const claim of claims) {
      const isAllocated = claim.status?.allocation !== undefined
      if (isAllocated && !canBeReserved(claim) && !isReservedFor(claim, pod)) return inUse
      const missing = isAllocated ? undefined : missingClass(claim, devices)
      if (missing !== undefined) return missing
    }
    const selectors = claims.flatMap(({ status }) => status?.allocation?.nodeSelector ?? [])
    const isComplete = claims.every(({ status }) => status?.allocation !== undefined)
    return {
      check({ node }) {
        if (!selectors.every((selector) => matchesNodeSelector(selector, node))) return elsewhere
        return isComplete ? fits : notAllocated
      },
    }
  },
  mayHelp(event, pod) {
    if (event.type === 'claimChanged') return namesClaim(pod, event.claim)
    return event.type === 'deviceClassChanged' || event.type === 'nodeAdded' || event.type === 'nodeUpdated'
  },
}

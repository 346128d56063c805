import { fits, unresolvable, type Predicate, type Refused } from '../framework.ts'
import { allowsNode, matchVolumes } from '../volumes/match-volumes.ts'
import { claimState } from '../volumes/claim-state.ts'
import { claimsOf, isRefused, usesClaims } from '../volumes/pod-claims.ts'

const outOfReach = unresolvable("node(s) didn't match PersistentVolume's node affinity")
const gone = unresolvable('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)')
const noVolume = unresolvable("node(s) didn't find available persistent volumes to bind")
const noRoom = unresolvable('node(s) did not have enough free storage')

/** Bound volumes must be reachable from the node, and unbound ones to be had there. */
export const volumeBinding: Predicate = {
  name: 'VolumeBinding',
  prepare(pod, { storage }) {
    if (!usesClaims(pod)) return undefined
    const claims = claimsOf(pod, storage)
    if (isRefused(claims)) return claims
    const state = claimState(claims, storage)
    if (isRefused(state)) return state
    return {
      check({ node }) {
        const refusals: Refused[] = []
        if (state.bound.some(({ volume }) => volume === undefined)) refusals.push(gone)
        if (state.bound.some(({ volume }) => volume !== undefined && !allowsNode(volume, node)))
          refusals.push(outOfReach)
        const plan = matchVolumes(state.delayed, node, storage)
        if ('refused' in plan) refusals.push(plan.refused === 'no room' ? noRoom : noVolume)
        return refusals.length === 0 ? fits : unresolvable(...refusals.flatMap(({ reasons }) => reasons))
      },
    }
  },
  mayHelp: ({ type }) => type === 'storageChanged' || type === 'nodeAdded' || type === 'nodeUpdated',
}

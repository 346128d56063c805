/** What a claim for devices uses: itself, and so many devices of each class. */
import { inFormOfV1 } from '../kinds/resource/flat-form.ts'
import type { ResourceClaim } from '../types/resource-v1.ts'
import { addAmounts, wholeNumber, type Amounts } from './amounts.ts'
import type { Evaluator } from './evaluator.ts'

const counted = 'count/resourceclaims.resource.k8s.io'
const suffix = '.deviceclass.resource.k8s.io/devices'
/** What `All` counts for: nobody knows before the claim is allocated how many there are. */
const mostDevices = 32

interface DeviceWish {
  readonly deviceClassName?: string
  readonly allocationMode?: string
  readonly count?: number
}

export const deviceClaimEvaluator: Evaluator = {
  counts: (name) => name === counted || name.endsWith(suffix),
  usage(object) {
    const { spec } = inFormOfV1('resourceclaims', object) as unknown as ResourceClaim
    const wishes = (spec?.devices?.requests ?? []).map(({ exactly, firstAvailable }): Amounts => {
      if (exactly !== undefined) return devicesOf(exactly)
      // Whichever alternative is taken, it is paid for.
      const all = (firstAvailable ?? []).flatMap((wish) => [...devicesOf(wish)])
      const most = new Map<string, (typeof all)[number][1]>()
      for (const [name, amount] of all) if ((most.get(name)?.nano ?? -1n) < amount.nano) most.set(name, amount)
      return most
    })
    return wishes.reduce(addAmounts, new Map([[counted, wholeNumber(1)]]))
  },
  chargesUpdate: (subresource) => subresource === '',
}

function devicesOf({ deviceClassName = '', allocationMode, count = 1 }: DeviceWish): Amounts {
  if (deviceClassName === '') return new Map()
  return new Map([[deviceClassName + suffix, wholeNumber(allocationMode === 'All' ? mostDevices : count)]])
}

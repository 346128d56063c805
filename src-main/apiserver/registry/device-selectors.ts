/** The expressions by which device classes and claims select devices. */
import { forbidden, invalid, tooLong, type FieldError } from '../../api/field-error.ts'
import { textBytes } from '../../api/kinds/core/data-validation.ts'
import { mostAlternatives, mostSelectors } from '../../api/kinds/resource/device-claim.ts'
import { inFormOfV1 } from '../../api/kinds/resource/flat-form.ts'
import { mostRequests } from '../../api/kinds/resource/request-names.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type {
  DeviceRequest,
  DeviceSelector,
  ResourceClaim,
  ResourceClaimTemplate,
} from '../../api/types/resource-v1.ts'
import { compileProblem } from '../admission/match/match-conditions.ts'
import { compileTo, type Program } from '../cel/compile.ts'
import { environment } from '../cel/environment.ts'
import { samePlain } from './plain.ts'
import { bool, dyn, objectType, opaque, string, type Type } from '../cel/types/type.ts'

/** A map by names, as large as a device may have one. */
const atMost = (maximum: number, value: Type): Type => ({ kind: 'map', key: string, value, maximum })

const device = objectType('kubernetes.DRADevice', {
  ...{ driver: string, attributes: atMost(32, atMost(32, dyn)), allowMultipleAllocations: bool },
  capacity: atMost(32, atMost(32, opaque('kubernetes.Quantity'))),
})
const env = environment({ variables: { device } })
/** Units that one selector may cost for one device. */
const costLimit = 1_000_000
const longestExpression = 10 * 1024

interface Selecting {
  readonly selectors?: readonly DeviceSelector[]
}

/** Selectors that stay as they were may stay, even if they would not compile today. */
export function checkDeviceClass(object: DynamicObject, previous?: DynamicObject): FieldError[] {
  const selectorsOf = ({ spec }: DynamicObject): Selecting['selectors'] => (spec as Selecting | undefined)?.selectors
  const selectors = selectorsOf(object)
  if (previous !== undefined && samePlain(selectors, selectorsOf(previous))) return []
  return checkSelectors('spec.selectors', selectors)
}

/** What a claim asks for stays, so only a new one is looked at. */
export function checkClaim(object: DynamicObject, previous?: DynamicObject): FieldError[] {
  if (previous !== undefined) return []
  const { spec } = inFormOfV1('resourceclaims', object) as unknown as ResourceClaim
  return checkRequests('spec.devices.requests', spec?.devices?.requests)
}

export function checkClaimTemplate(object: DynamicObject, previous?: DynamicObject): FieldError[] {
  if (previous !== undefined) return []
  const { spec } = inFormOfV1('resourceclaimtemplates', object) as unknown as ResourceClaimTemplate
  return checkRequests('spec.spec.devices.requests', spec?.spec?.devices?.requests)
}

/** Of lists that are too long, and of requests that want two things at once, nothing is compiled. */
function checkRequests(path: string, requests: readonly DeviceRequest[] = []): FieldError[] {
  if (requests.length > mostRequests) return []
  return requests.flatMap(({ exactly, firstAvailable = [] }, index) => {
    if (exactly === undefined)
      return firstAvailable.length > mostAlternatives
        ? []
        : firstAvailable.flatMap(({ selectors }, place) =>
            checkSelectors(`${path}[${index}].firstAvailable[${place}].selectors`, selectors),
          )
    return firstAvailable.length > 0 ? [] : checkSelectors(`${path}[${index}].exactly.selectors`, exactly.selectors)
  })
}

function checkSelectors(path: string, selectors: Selecting['selectors'] = []): FieldError[] {
  if (selectors.length > mostSelectors) return []
  return selectors.flatMap(({ cel }, index) =>
    cel === undefined ? [] : checkExpression(`${path}[${index}].cel.expression`, cel.expression ?? ''),
  )
}

function checkExpression(path: string, expression: string): FieldError[] {
  if (textBytes(expression) > longestExpression) return [tooLong(path, longestExpression)]
  let program: Program | undefined
  const problem = compileProblem(() => {
    program = compileTo(expression, env, ['bool'], 'must evaluate to bool')
  })
  if (problem !== undefined) return [invalid(path, expression, problem)]
  return (program?.estimate.cost ?? 0) > costLimit ? [forbidden(path, 'too complex, exceeds cost limit')] : []
}

/** The expressions by which device classes and claims select devices. */
import { forbidden, invalid, type FieldError } from '../../api/field-error.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { compileProblem } from '../admission/match/match-conditions.ts'
import { compileTo, type Program } from '../cel/compile.ts'
import { environment } from '../cel/environment.ts'
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

interface Selector {
  readonly cel?: { readonly expression?: string }
}

interface Request {
  readonly selectors?: readonly Selector[]
  readonly exactly?: { readonly selectors?: readonly Selector[] }
  readonly firstAvailable?: readonly { readonly selectors?: readonly Selector[] }[]
}

interface ClaimSpec {
  readonly devices?: { readonly requests?: readonly Request[] }
}

export const checkDeviceClass = ({ spec }: DynamicObject): FieldError[] =>
  checkSelectors('spec.selectors', (spec as Request | undefined)?.selectors)

export const checkClaim = ({ spec }: DynamicObject): FieldError[] =>
  checkClaimSpec('spec', spec as ClaimSpec | undefined)

export const checkClaimTemplate = ({ spec }: DynamicObject): FieldError[] =>
  checkClaimSpec('spec.spec', (spec as { readonly spec?: ClaimSpec } | undefined)?.spec)

function checkClaimSpec(path: string, spec: ClaimSpec | undefined): FieldError[] {
  return (spec?.devices?.requests ?? []).flatMap((request, index) => {
    const at = `${path}.devices.requests[${index}]`
    return [
      ...checkSelectors(`${at}.selectors`, request.selectors),
      ...checkSelectors(`${at}.exactly.selectors`, request.exactly?.selectors),
      ...(request.firstAvailable ?? []).flatMap(({ selectors }, place) =>
        checkSelectors(`${at}.firstAvailable[${place}].selectors`, selectors),
      ),
    ]
  })
}

function checkSelectors(path: string, selectors: readonly Selector[] = []): FieldError[] {
  return selectors.flatMap(({ cel }, index) => {
    const expression = cel?.expression
    return expression === undefined ? [] : checkExpression(`${path}[${index}].cel.expression`, expression)
  })
}

function checkExpression(path: string, expression: string): FieldError[] {
  let program: Program | undefined
  const problem = compileProblem(() => {
    program = compileTo(expression, env, ['bool'], 'must evaluate to bool')
  })
  if (problem !== undefined) return [invalid(path, expression, problem)]
  return (program?.estimate.cost ?? 0) > costLimit ? [forbidden(path, 'too complex, exceeds cost limit')] : []
}

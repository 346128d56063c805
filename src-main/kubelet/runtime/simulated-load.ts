import { milliValue, parseQuantity, QuantityError, wholeValue } from '../../api/meta/quantity.ts'
import type { ContainerConfig } from './runtime.ts'

/** What a simulated container uses, all the time. */
export interface SimulatedLoad {
  readonly milliCpu: number
  readonly memoryBytes: number
}

const usual = { cpu: '5m', memory: '8Mi' }

/** Its environment may say it: `SIMULATED_CPU=250m`, `SIMULATED_MEMORY=64Mi`. What is no quantity counts as not said. */
export function simulatedLoad({ env }: Pick<ContainerConfig, 'env'>): SimulatedLoad {
  const said = new Map(env.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]))
  return {
    milliCpu: milliValue(quantityOr(said.get('SIMULATED_CPU'), usual.cpu)),
    memoryBytes: wholeValue(quantityOr(said.get('SIMULATED_MEMORY'), usual.memory)),
  }
}

function quantityOr(text: string | undefined, otherwise: string): ReturnType<typeof parseQuantity> {
  try {
    return parseQuantity(text ?? otherwise)
  } catch (error) {
    if (error instanceof QuantityError) return parseQuantity(otherwise)
    throw error
  }
}

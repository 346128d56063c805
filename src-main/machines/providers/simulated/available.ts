import type { Availability } from '../../provider.ts'

export function checkAvailable(): Promise<Availability> {
  return Promise.resolve({ available: true })
}

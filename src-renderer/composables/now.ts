import { readonly, ref } from 'vue'
import { clock } from '../api.ts'

const now = ref(clock.now())

/** Aligned to whole seconds, so that all ages on the page change together. */
function tick(): void {
  now.value = clock.now()
  clock.after(1000 - (now.value % 1000), tick)
}
let ticking = false

/** Unix milliseconds, once a second: only what reads it renders again. */
export function useNow() {
  if (!ticking) {
    ticking = true
    tick()
  }
  return readonly(now)
}

/** The clock of the glass: whether the control loops run, and what is held; one reading for the whole interface. */
import { defineStore } from 'pinia'
import { computed } from 'vue'
import { clock as kind, clockName } from '../../src-main/api/kinds/glass/clock.ts'
import type { Breakpoint, ClockSpec, HeldStep } from '../../src-main/api/types/glass-v1.ts'
import { clockChange } from '../actions/clock-actions.ts'
import { client } from '../api.ts'
import { usePoll } from '../composables/polled.ts'

const readEveryMs = 1000

export const useGlassClock = defineStore('glass-clock', () => {
  const { state, refresh } = usePoll((signal) => readClock(signal), readEveryMs)
  const last = computed(() => (state.value.type === 'loading' ? undefined : state.value.value))
  const change = async (spec: ClockSpec): Promise<void> => {
    await clockChange(spec).run()
    await refresh()
  }
  return {
    state,
    change,
    isHeld: computed(() => last.value?.spec?.mode === 'Hold'),
    held: computed<readonly HeldStep[]>(() => last.value?.status?.held ?? []),
    breakpoints: computed<readonly Breakpoint[]>(() => last.value?.spec?.breakpoints ?? []),
  }
})

async function readClock(signal: AbortSignal) {
  const { items } = await client.list(kind, { fieldSelector: `metadata.name=${clockName}`, signal })
  return items[0]
}

import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

export interface DockTab {
  readonly id: string
  readonly type: 'log' | 'terminal'
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

export const dockHeights = { least: 120, usual: 260 } as const

/** The logs and terminals at the bottom; they live on while pages come and go. */
export const useDock = defineStore('dock', () => {
  const tabs = ref<DockTab[]>([])
  const activeId = ref<string>()
  const height = ref<number>(dockHeights.usual)
  const collapsed = ref(false)
  const active = computed(() => tabs.value.find(({ id }) => id === activeId.value))

  /** Brings the tab to the front; makes it when there is none of these. */
  function open(tab: Omit<DockTab, 'id'>): void {
    const id = [tab.type, tab.namespace, tab.pod, tab.container].join('/')
    if (!tabs.value.some((one) => one.id === id)) tabs.value.push({ id, ...tab })
    activeId.value = id
    collapsed.value = false
  }

  function close(id: string): void {
    const index = tabs.value.findIndex((one) => one.id === id)
    if (index < 0) return
    tabs.value.splice(index, 1)
    if (activeId.value === id) activeId.value = (tabs.value[index] ?? tabs.value[index - 1])?.id
  }

  return { tabs, activeId, active, height, collapsed, open, close }
})

import { usePreferredDark, usePreferredLanguage } from '../composables/preferred.ts'
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'

export type ThemeChoice = 'system' | 'dark' | 'light'
export type Language = 'en' | 'zh-CN'

const storageKey = 'orrery.preferences'

interface Saved {
  theme?: ThemeChoice
  language?: Language
  railCollapsed?: boolean
}

function read(): Saved {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Saved
  } catch {
    // A damaged entry is no more than forgotten preferences.
    return {}
  }
}

/** What the user likes; kept in this browser. */
export const usePreferences = defineStore('preferences', () => {
  const saved = read()
  const theme = ref<ThemeChoice>(saved.theme ?? 'system')
  const preferredLanguage = usePreferredLanguage()
  const language = ref<Language>(saved.language ?? (preferredLanguage.startsWith('zh') ? 'zh-CN' : 'en'))
  const railCollapsed = ref(saved.railCollapsed ?? false)
  const preferredDark = usePreferredDark()
  const isDark = computed(() => (theme.value === 'system' ? preferredDark.value : theme.value === 'dark'))
  watch([theme, language, railCollapsed], () => {
    localStorage.setItem(
      storageKey,
      JSON.stringify({ theme: theme.value, language: language.value, railCollapsed: railCollapsed.value }),
    )
  })
  return { theme, language, railCollapsed, isDark }
})

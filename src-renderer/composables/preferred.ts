import { ref, type Ref } from 'vue'

/** Whether the system asks for dark colours, as it changes. */
export function usePreferredDark(): Ref<boolean> {
  const query = window.matchMedia('(prefers-color-scheme: dark)')
  const dark = ref(query.matches)
  query.addEventListener('change', () => (dark.value = query.matches))
  return dark
}

/** The browser's first language, as a BCP 47 tag. */
export const usePreferredLanguage = (): string => navigator.languages[0] ?? 'en'

import { createI18n } from 'vue-i18n'
import en from './locales/en.ts'
import zhCN from './locales/zh-CN.ts'

/** Both languages are always loaded: they are small, and a switch is instant. */
export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en, 'zh-CN': zhCN },
})

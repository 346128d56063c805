import { expect, it } from 'vitest'
import en from './en.ts'
import zhCN from './zh-CN.ts'

type Texts = { readonly [key: string]: string | Texts }

function textsOf(texts: Texts, path = ''): [key: string, text: string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value]] : textsOf(value, `${path}${key}.`),
  )
}

const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort()

it('says everything in both languages, with the same values', () => {
  const other = new Map(textsOf(zhCN))
  const differing = textsOf(en).filter(([key, text]) => {
    const translated = other.get(key) ?? ''
    return translated === '' || placeholders(translated).join() !== placeholders(text).join()
  })
  expect(differing).toEqual([])
})

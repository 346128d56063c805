import type { IconName } from '../../theme/icon-paths.ts'

export interface PaletteEntry {
  readonly id: string
  readonly title: string
  readonly hint: string
  readonly icon: IconName
  run(): void
}

/** The best entries for a text: every word must occur; a title that begins with it comes first, then in given order. */
export function findEntries(entries: readonly PaletteEntry[], text: string, limit = 50): PaletteEntry[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return entries.slice(0, limit)
  const scored = entries.flatMap((entry) => {
    const title = entry.title.toLowerCase()
    const all = `${title} ${entry.hint.toLowerCase()} ${entry.id.toLowerCase()}`
    if (!words.every((word) => all.includes(word))) return []
    const first = words[0] ?? ''
    return [{ entry, score: title.startsWith(first) ? 0 : title.includes(first) ? 1 : 2 }]
  })
  return scored
    .sort((a, b) => a.score - b.score)
    .slice(0, limit)
    .map(({ entry }) => entry)
}

/** Every colour and measure of the interface; Naive UI's theme and the CSS variables both come from here. */
export interface Tokens {
  readonly ground: string
  readonly raised: string
  readonly line: string
  readonly text: string
  readonly muted: string
  /** Brass: what can be acted on. */
  readonly accent: string
  readonly running: string
  readonly waiting: string
  readonly warning: string
  readonly failed: string
  readonly unknown: string
}

export const dark: Tokens = {
  ground: '#0f1318',
  raised: '#171d24',
  line: '#28313b',
  text: '#e6e9ec',
  muted: '#93a0ad',
  accent: '#d6a756',
  running: '#45b893',
  waiting: '#5aa4e0',
  warning: '#ee8b3c',
  failed: '#e2574f',
  unknown: '#7c8894',
}

export const light: Tokens = {
  ground: '#f6f3ec',
  raised: '#fffdf8',
  line: '#ddd6c8',
  text: '#1d232a',
  muted: '#66707a',
  accent: '#8a6116',
  running: '#1e7f60',
  waiting: '#1f6fb2',
  warning: '#b85a10',
  failed: '#b7322b',
  unknown: '#6b7580',
}

export const fonts = {
  words: 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "PingFang SC", "Microsoft YaHei", sans-serif',
  values: 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", "Noto Sans Mono", monospace',
} as const

/** Pixels. */
export const sizes = { body: 13, table: 12, title: 20, grid: 4, row: 30 } as const

/** `#rrggbb` with an opacity between 0 and 1. */
export function faded(colour: string, opacity: number): string {
  return `${colour}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`
}

/** `--ground: #0f1318; …`, for a style attribute of the root element. */
export function cssVariables(tokens: Tokens): Record<string, string> {
  const all: Record<string, string> = {
    ...tokens,
    hover: faded(tokens.text, 0.06),
    selection: faded(tokens.accent, 0.25),
    chosen: faded(tokens.accent, 0.1),
    'failed-ground': faded(tokens.failed, 0.08),
    'warning-ground': faded(tokens.warning, 0.1),
    grid: faded(tokens.line, 0.6),
  }
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [`--${name}`, value]))
}

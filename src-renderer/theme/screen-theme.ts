import type { ITheme } from '@xterm/xterm'
import { faded, type Tokens } from './tokens.ts'

/** The terminal's colours; its sixteen stand for the same states as everywhere. */
export function screenTheme(tokens: Tokens): ITheme {
  return {
    background: tokens.ground,
    foreground: tokens.text,
    cursor: tokens.accent,
    cursorAccent: tokens.ground,
    selectionBackground: faded(tokens.accent, 0.3),
    black: tokens.line,
    red: tokens.failed,
    green: tokens.running,
    yellow: tokens.accent,
    blue: tokens.waiting,
    magenta: tokens.warning,
    cyan: tokens.running,
    white: tokens.text,
    brightBlack: tokens.muted,
    brightRed: tokens.failed,
    brightGreen: tokens.running,
    brightYellow: tokens.accent,
    brightBlue: tokens.waiting,
    brightMagenta: tokens.warning,
    brightCyan: tokens.running,
    brightWhite: tokens.text,
  }
}

import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { commandLine, quoteArgument } from './quote.ts'

const nasty = [
  '',
  ' ',
  'plain',
  "it's",
  "''",
  '"double"',
  '$(touch /tmp/owned)',
  '`id`',
  '${HOME}',
  'a;b|c&d>e<f',
  'two\nlines\n',
  'tab\tand\\backslash\\',
  '*?[a-z]~',
  '!history',
  '#comment',
  '-n',
  '--',
  'A=b',
  'käse 中文 🪐',
  "'; rm -rf / #",
  '\u0001\u007f',
]

describe('quoting for the login shell', () => {
  it.each(nasty)('gives %j back unchanged', (argument) => {
    const line = commandLine(['printf', '%s', argument])
    expect(execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' })).toBe(argument)
  })

  it('keeps many arguments apart', () => {
    const line = commandLine(['printf', '[%s]', ...nasty])
    expect(execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' })).toBe(nasty.map((one) => `[${one}]`).join(''))
  })

  it('leaves plain words readable', () => {
    expect(commandLine(['ip', '-4', 'addr', 'show', 'eth0'])).toBe('exec ip -4 addr show eth0')
  })

  it('refuses what no argv can hold', () => {
    expect(() => quoteArgument('a\0b')).toThrow(expect.objectContaining({ code: 'Failed' }))
  })

  it.each([[[]], [['']], [['-c', 'x']]])('refuses %j as a command', (command) => {
    expect(() => commandLine(command)).toThrow(expect.objectContaining({ code: 'Failed' }))
  })
})

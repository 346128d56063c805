import { describe, expect, it } from 'vitest'
import { parseArguments } from './arguments.ts'

describe('parseArguments', () => {
  it('leaves the lab as it is when nothing is asked', () => {
    expect(parseArguments([])).toEqual({
      output: 'text',
      idle: false,
      lab: {},
      apiPort: undefined,
      uiPort: undefined,
      etcd: undefined,
      audit: {},
    })
  })

  it('takes a policy for the audit log, and where and how it is written', () => {
    const words = '--audit-policy-file=/p.yaml --audit-log-path /l --audit-log-maxsize=2 --audit-log-maxbackup 3'
    expect(parseArguments(words.split(' ')).audit).toEqual({
      ...{ policyFile: '/p.yaml', logFile: '/l', maxBytes: 2 * 1024 * 1024, maxBackups: 3 },
    })
  })

  it('takes values behind a space or an equals sign', () => {
    const parsed = parseArguments(
      '--headless --output json --provider=simulated --workers 3 --proxy-mode=iptables'.split(' '),
    )
    expect(parsed).toMatchObject({
      output: 'json',
      lab: { provider: 'simulated', workers: 3, proxyMode: 'iptables' },
    })
  })

  it.each([
    ['an unknown argument', ['--wrkers', '2'], 'unknown argument --wrkers'],
    ['a missing value', ['--workers'], '--workers needs a value'],
    ['an option in the place of a value', ['--workers', '--idle'], '--workers needs a value'],
    ['a number out of range', ['--workers', '0'], 'from 1 to 5000'],
    ['a number that is none', ['--port', '80x'], 'whole number'],
    ['a provider that is none', ['--provider', 'cloud'], '--provider takes sandbox or simulated, not cloud'],
    ['an address of etcd that is none', ['--etcd-servers', 'localhost'], 'takes addresses like'],
    ['a file for etcd without its address', ['--etcd-cafile', 'ca.pem'], '--etcd-cafile goes with --etcd-servers'],
    ['a value that is not offered', ['--output', 'xml'], 'takes text or json'],
  ])('refuses %s', (_what, words, message) => {
    expect(() => parseArguments(words)).toThrow(message)
  })
})

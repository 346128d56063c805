import { expect, it } from 'vitest'
import { exitStatus, TerminalSizes, type TerminalSize } from './remote-command.ts'

async function read(sizes: TerminalSizes): Promise<TerminalSize[]> {
  const seen: TerminalSize[] = []
  for await (const size of sizes) seen.push(size)
  return seen
}

it('a reader sees the newest size of a terminal, and the end', async () => {
  const sizes = new TerminalSizes()
  sizes.accept('{"Width":80,"Height":24}')
  sizes.accept('{"Width":120,"Height":40}')
  const seen = read(sizes)
  sizes.end()
  expect(await seen).toEqual([{ columns: 120, rows: 40 }])
})

it('a size comes to a reader who waits', async () => {
  const sizes = new TerminalSizes()
  const first = sizes[Symbol.asyncIterator]().next()
  sizes.accept('{"Width":80,"Height":24}')
  expect(await first).toEqual({ done: false, value: { columns: 80, rows: 24 } })
})

it('what is no size is none', async () => {
  const sizes = new TerminalSizes()
  for (const message of [
    '',
    'null',
    '{}',
    '{"Width":0,"Height":24}',
    '{"Width":"80","Height":24}',
    '{"Width":1e9,"Height":1}',
  ])
    sizes.accept(message)
  sizes.end()
  expect(await read(sizes)).toEqual([])
})

it('a client finds the exit code where it looks for it', () => {
  expect(exitStatus(0)).toEqual({ metadata: {}, status: 'Success' })
  expect(exitStatus(137)).toMatchObject({
    ...{ status: 'Failure', reason: 'NonZeroExitCode' },
    details: { causes: [{ reason: 'ExitCode', message: '137' }] },
  })
})

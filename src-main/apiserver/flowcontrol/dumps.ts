/** `/debug/api_priority_and_fairness/…`: what priority and fairness is doing right now, as tables. */
import type { RequestInfo } from '../filters/request-info.ts'
import type { Answer, ServerRequest } from '../request.ts'
import type { PriorityAndFairness } from './priority-and-fairness.ts'
import type { PriorityLevel, Queue, Waiting } from './priority-level.ts'

type Cell = string | number | boolean
type Source = Pick<PriorityAndFairness, 'allLevels'>

const prefix = '/debug/api_priority_and_fairness/'

/** Undefined for every other path. */
export function dumpAnswer({ path, query }: ServerRequest, fairness: Source): Answer | undefined {
  if (!path.startsWith(prefix)) return undefined
  const rows = rowsOf(path.slice(prefix.length), query.get('includeRequestDetails') === '1', fairness)
  if (rows === undefined) return undefined
  const bytes = Buffer.from(tableText(rows))
  return { type: 'bytes', code: 200, contentType: 'text/plain; charset=utf-8', bytes }
}

function rowsOf(what: string, details: boolean, { allLevels }: Source): Cell[][] | undefined {
  switch (what) {
    case 'dump_priority_levels':
      return [levelHead, ...allLevels.map(levelRow)]
    case 'dump_queues':
      return [
        queueHead,
        ...allLevels.flatMap((level) => level.allQueues.map((queue, at) => queueRow(level, queue, at))),
      ]
    case 'dump_requests':
      return [details ? [...requestHead, ...detailHead] : requestHead, ...requestRows(allLevels, details)]
    default:
      return undefined
  }
}

const levelHead = [
  ...['PriorityLevelName', 'ActiveQueues', 'IsIdle', 'IsQuiescing', 'WaitingRequests', 'ExecutingRequests'],
  ...['DispatchedRequests', 'RejectedRequests', 'TimedoutRequests', 'CancelledRequests'],
]

function levelRow({ name, isExempt, allQueues, waitingCount, executing, counts }: PriorityLevel): Cell[] {
  const active = allQueues.filter(({ waiting }) => waiting.length > 0).length
  const rejected = counts['queue-full'] + counts['concurrency-limit']
  const numbers = [counts.dispatched, rejected, counts['time-out'], counts.cancelled]
  const isIdle = !isExempt && waitingCount + executing === 0
  return [name, active, isIdle, false, waitingCount, executing, ...numbers]
}

const queueHead = ['PriorityLevelName', 'Index', 'PendingRequests', 'NextDispatchR', 'InitialSeatsSum']

const queueRow = ({ name }: PriorityLevel, { waiting, served }: Queue, at: number): Cell[] => [
  ...[name, at, waiting.length, `${served}ss`],
  waiting.reduce((sum, { seats }) => sum + seats, 0),
]

const requestHead = [
  ...['PriorityLevelName', 'FlowSchemaName', 'QueueIndex', 'RequestIndexInQueue', 'FlowDistingsher', 'ArriveTime'],
  'InitialSeats',
]
const detailHead = ['UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource']

const requestRows = (levels: readonly PriorityLevel[], details: boolean): Cell[][] =>
  levels.flatMap((level) =>
    level.allQueues.flatMap(({ waiting }, queue) =>
      waiting.map((one, at) => [
        ...[level.name, one.note?.flowSchema ?? '', queue, at, one.note?.distinguisher ?? ''],
        ...[new Date(one.arrivedMs).toISOString(), one.seats],
        ...(details ? detailsOf(one) : []),
      ]),
    ),
  )

function detailsOf({ note }: Waiting): Cell[] {
  if (note === undefined) return detailHead.map(() => '')
  const { user, info } = note
  return [user, info.verb, info.path, ...targetOf(info)]
}

function targetOf(info: RequestInfo): Cell[] {
  if (info.type === 'path') return ['', '', '', '', '']
  const { namespace, name, group, version, plural, subresource } = info.target
  return [namespace, name, group === '' ? version : `${group}/${version}`, plural, subresource]
}

/** Columns as wide as their widest cell, each ended by a comma. */
function tableText(rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map((cell) => `${cell},`))
  const widths = texts[0]?.map((_cell, column) => Math.max(8, ...texts.map((row) => (row[column]?.length ?? 0) + 1)))
  const lines = texts.map((row) => row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join(''))
  return `${lines.map((line) => line.trimEnd().replace(/,$/, '')).join('\n')}\n`
}

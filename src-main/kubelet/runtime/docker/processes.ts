import type { Duplex, Writable } from 'node:stream'
import type { ProcessStreams } from '../../../apiserver/node-agent.ts'
import { ended, type DockerConnection } from './connection.ts'
import { RuntimeError } from '../runtime.ts'
import { FrameReader } from './frames.ts'

/** Runs a command in a container, its streams joined to the caller's, and resolves with its exit code. */
export async function execInContainer(
  docker: DockerConnection,
  id: string,
  command: readonly string[],
  streams: ProcessStreams,
  signal: AbortSignal,
): Promise<number> {
  const { Id: execId } = await docker.json<{ Id: string }>({
    method: 'POST',
    path: `/containers/${id}/exec`,
    body: {
      AttachStdin: streams.stdin !== undefined,
      AttachStdout: streams.stdout !== undefined,
      AttachStderr: streams.stderr !== undefined && !streams.tty,
      Tty: streams.tty,
      Cmd: command,
    },
    signal,
  })
  const socket = await docker.hijack({
    method: 'POST',
    path: `/exec/${execId}/start`,
    body: { Detach: false, Tty: streams.tty },
  })
  followSize(docker, `/exec/${execId}/resize`, streams, signal)
  await join(socket, streams, signal)
  const { ExitCode: exitCode } = await docker.json<{ ExitCode: number | null }>({
    method: 'GET',
    path: `/exec/${execId}/json`,
  })
  return exitCode ?? 0
}

/** Joins the caller's streams to the container's main process until either ends; `Conflict` when it has ended before. */
export async function attachToContainer(
  docker: DockerConnection,
  id: string,
  streams: ProcessStreams,
  signal: AbortSignal,
): Promise<void> {
  const socket = await docker.hijack({
    method: 'POST',
    path: `/containers/${id}/attach`,
    query: {
      stream: 1,
      stdin: streams.stdin === undefined ? undefined : 1,
      stdout: streams.stdout === undefined ? undefined : 1,
      stderr: streams.stderr === undefined ? undefined : 1,
    },
  })
  followSize(docker, `/containers/${id}/resize`, streams, signal)
  const { Config, State } = await docker.json<{ Config: { StdinOnce: boolean }; State: { Running: boolean } }>({
    method: 'GET',
    path: `/containers/${id}/json`,
    signal,
  })
  // The engine lets whoever came too late wait for the next start, which there never is.
  if (!State.Running && socket.readableLength === 0 && !socket.readableEnded) {
    socket.destroy()
    throw new RuntimeError('Conflict', 'the container has ended: there is nothing to attach to')
  }
  // The engine takes the end of an input that others may use as well for the end of the whole connection.
  await join(socket, streams, signal, Config.StdinOnce)
}

async function join(
  socket: Duplex,
  streams: ProcessStreams,
  signal: AbortSignal,
  passEndOfInput = true,
): Promise<void> {
  const stop = (): void => void socket.destroy()
  signal.addEventListener('abort', stop, { once: true })
  // How the connection ends is told by `ended`; without a listener the same error would end the process.
  socket.on('error', () => undefined)
  const done = ended(socket)
  if (signal.aborted) stop()
  if (streams.stdin !== undefined) streams.stdin.on('error', stop).pipe(socket, { end: passEndOfInput })
  else if (passEndOfInput) socket.end()
  const reader = new FrameReader((stream, bytes) => {
    write(socket, stream === 'stderr' ? streams.stderr : streams.stdout, bytes)
  })
  socket.on('data', (chunk: Buffer) => (streams.tty ? write(socket, streams.stdout, chunk) : reader.push(chunk)))
  // The engine is done when its side ends, whatever the caller still has to say.
  socket.on('end', () => {
    streams.stdin?.unpipe(socket)
    socket.end()
  })
  await done
  signal.removeEventListener('abort', stop)
}

/** Reads no more from the container while the caller cannot take it. */
function write(socket: Duplex, target: Writable | undefined, bytes: Buffer): void {
  if (target === undefined || target.destroyed || target.writableEnded) return
  if (target.write(bytes)) return
  socket.pause()
  const resume = (): void => {
    target.off('drain', resume).off('close', resume)
    socket.resume()
  }
  target.on('drain', resume).on('close', resume)
}

/** The terminal follows the caller's window; a size that comes too late for the process changes nothing. */
function followSize(docker: DockerConnection, path: string, { resize }: ProcessStreams, signal: AbortSignal): void {
  if (resize === undefined) return
  const follow = async (): Promise<void> => {
    for await (const { columns, rows } of resize) {
      if (signal.aborted) return
      await docker.json({ method: 'POST', path, query: { h: rows, w: columns } })
    }
  }
  follow().catch(() => undefined)
}

import { forbidden, invalid, required, type FieldError } from '../../../field-error.ts'
import {
  checkEach,
  checkNotNegative,
  checkOneOf,
  checkRequired,
  positive,
  problemsAt,
} from '../../../meta/field-checks.ts'
import { httpHeaderNameProblems, portNameProblems, portNumberProblems } from '../../../meta/names.ts'
import type { Container, LifecycleHandler, Probe } from '../../../types/core-v1.ts'
import { validateStopSignal } from './stop-signal.ts'
import type { IntOrString } from '../../../types/scalars.ts'

type Handler = Omit<LifecycleHandler, 'sleep'> & Pick<Probe, 'grpc'> & Pick<LifecycleHandler, 'sleep'>

/** A number in the range of ports, or the name of a port. */
export function validatePortReference(port: IntOrString | undefined, path: string): FieldError[] {
  if (typeof port === 'string') return problemsAt(path, port, portNameProblems(port))
  return problemsAt(path, port ?? 0, portNumberProblems(port ?? 0))
}

function validateHandler(handler: Handler, path: string, graceSeconds = 0): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  const given = Object.entries({ exec, httpGet, tcpSocket, grpc, sleep }).filter(([, one]) => one !== undefined)
  const errors: FieldError[] = given
    .slice(1)
    .map(([name]) => forbidden(`${path}.${name}`, 'may not specify more than 1 handler type'))
  if (given.length === 0) errors.push(required(path, 'must specify a handler type'))
  if (exec !== undefined && (exec.command ?? []).length === 0) errors.push(required(`${path}.exec.command`))
  if (httpGet !== undefined) {
    errors.push(
      ...checkRequired(`${path}.httpGet.path`, httpGet.path),
      ...validatePortReference(httpGet.port, `${path}.httpGet.port`),
      ...checkOneOf(`${path}.httpGet.scheme`, httpGet.scheme, ['HTTP', 'HTTPS']),
      ...checkEach(`${path}.httpGet.httpHeaders`, httpGet.httpHeaders, ({ name = '' }) =>
        problemsAt(`${path}.httpGet.httpHeaders`, name, httpHeaderNameProblems(name)),
      ),
    )
  }
  if (tcpSocket !== undefined) errors.push(...validatePortReference(tcpSocket.port, `${path}.tcpSocket.port`))
  if (grpc !== undefined) errors.push(...problemsAt(`${path}.grpc.port`, grpc.port, portNumberProblems(grpc.port)))
  const seconds = sleep?.seconds ?? 0
  if (seconds < 0 || seconds > graceSeconds) {
    const words = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`
    errors.push(invalid(`${path}.sleep`, seconds, words))
  }
  return errors
}

function validateProbe(probe: Probe | undefined, path: string): FieldError[] {
  if (probe === undefined) return []
  return [
    ...validateHandler(probe, path),
    ...checkNotNegative(`${path}.initialDelaySeconds`, probe.initialDelaySeconds),
    ...checkNotNegative(`${path}.timeoutSeconds`, probe.timeoutSeconds),
    ...checkNotNegative(`${path}.periodSeconds`, probe.periodSeconds),
    ...checkNotNegative(`${path}.successThreshold`, probe.successThreshold),
    ...checkNotNegative(`${path}.failureThreshold`, probe.failureThreshold),
  ]
}

/** Probes that may end a container: one success is enough, and they may state a grace period. */
function validateEndingProbe(probe: Probe | undefined, path: string): FieldError[] {
  const errors = validateProbe(probe, path)
  if (probe?.successThreshold !== undefined && probe.successThreshold !== 1) {
    errors.push(invalid(`${path}.successThreshold`, probe.successThreshold, 'must be 1'))
  }
  const grace = probe?.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0) errors.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, positive))
  return errors
}

function validateReadinessProbe(probe: Probe | undefined, path: string): FieldError[] {
  const grace = probe?.terminationGracePeriodSeconds
  const words = 'must not be set for readinessProbes'
  return [
    ...validateProbe(probe, path),
    ...(grace === undefined ? [] : [invalid(`${path}.terminationGracePeriodSeconds`, grace, words)]),
  ]
}

export function validateProbes(container: Container, path: string): FieldError[] {
  return [
    ...validateEndingProbe(container.livenessProbe, `${path}.livenessProbe`),
    ...validateReadinessProbe(container.readinessProbe, `${path}.readinessProbe`),
    ...validateEndingProbe(container.startupProbe, `${path}.startupProbe`),
  ]
}

export function validateLifecycle(
  { lifecycle }: Container,
  { graceSeconds, system }: { readonly graceSeconds: number; readonly system: string | undefined },
  path: string,
): FieldError[] {
  const { postStart, preStop, stopSignal } = lifecycle ?? {}
  return [
    ...(postStart === undefined ? [] : validateHandler(postStart, `${path}.lifecycle.postStart`, graceSeconds)),
    ...(preStop === undefined ? [] : validateHandler(preStop, `${path}.lifecycle.preStop`, graceSeconds)),
    ...validateStopSignal(stopSignal, system, `${path}.lifecycle.stopSignal`),
  ]
}

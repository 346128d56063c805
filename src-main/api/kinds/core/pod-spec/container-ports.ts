import { duplicate, invalid, required, type FieldError } from '../../../field-error.ts'
import { checkEach, checkOneOf, problemsAt } from '../../../meta/field-checks.ts'
import { ipProblems } from '../../../meta/ip.ts'
import { portNameProblems, portNumberProblems } from '../../../meta/names.ts'
import type { Container, ContainerPort } from '../../../types/core-v1.ts'

const protocols = ['SCTP', 'TCP', 'UDP']

export function validateContainerPorts(ports: readonly ContainerPort[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return checkEach(path, ports, (port, at) => {
    const { name = '', containerPort, hostPort = 0, hostIP = '', protocol } = port
    const errors: FieldError[] = name === '' ? [] : problemsAt(`${at}.name`, name, portNameProblems(name))
    if (name !== '' && errors.length === 0 && names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
    if (containerPort === undefined || containerPort === 0) errors.push(required(`${at}.containerPort`))
    else errors.push(...problemsAt(`${at}.containerPort`, containerPort, portNumberProblems(containerPort)))
    if (hostPort !== 0) errors.push(...problemsAt(`${at}.hostPort`, hostPort, portNumberProblems(hostPort)))
    if (hostIP !== '') errors.push(...problemsAt(`${at}.hostIP`, hostIP, ipProblems(hostIP)))
    return [...errors, ...checkOneOf(`${at}.protocol`, protocol, protocols)]
  })
}

/** No two ports of a pod's containers may want the same port of the node. */
export function validateHostPorts(containers: readonly Container[] | undefined, path: string): FieldError[] {
  const taken = new Set<string>()
  return checkEach(path, containers, (container, at) =>
    checkEach(`${at}.ports`, container.ports, ({ protocol = 'TCP', hostIP = '', hostPort = 0 }, portPath) => {
      if (hostPort === 0) return []
      const claim = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(claim)) return [duplicate(`${portPath}.hostPort`, claim)]
      taken.add(claim)
      return []
    }),
  )
}

/** A pod on the network of its node has each port where the container has it; a template may leave the port out. */
export function validateSharedPorts(
  containers: readonly Container[] | undefined,
  isPod: boolean,
  path: string,
): FieldError[] {
  const words = 'must match `containerPort` when `hostNetwork` is true'
  return checkEach(path, containers, ({ ports }, at) =>
    checkEach(`${at}.ports`, ports, ({ hostPort = 0, containerPort }, place) =>
      (isPod || hostPort !== 0) && hostPort !== (containerPort ?? 0)
        ? [invalid(`${place}.hostPort`, hostPort, words)]
        : [],
    ),
  )
}

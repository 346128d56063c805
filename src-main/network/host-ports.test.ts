import { expect, it } from 'vitest'
import { hostPorts, hostPortText } from './host-ports.ts'

const pod = {
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'web', ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }] }] },
  status: { podIP: '10.244.1.2', phase: 'Running' },
}

it('leads a port of the node to the pod', () => {
  const at = '-A ORRERY-HOSTPORTS -m comment --comment "default/web host port" -m tcp -p tcp --dport 8080'
  expect(hostPortText(hostPorts([pod])).split('\n')).toEqual([
    '*nat',
    ':ORRERY-HOSTPORTS - [0:0]',
    `${at} -s 10.244.1.2/32 -j MARK --set-xmark 0x2000/0x2000`,
    `${at} -m addrtype --src-type LOCAL -j MARK --set-xmark 0x2000/0x2000`,
    `${at} -j DNAT --to-destination 10.244.1.2:80`,
    'COMMIT',
    '',
  ])
})

it('opens it at one address of the node only, when the pod says which', () => {
  const ports = [{ containerPort: 53, hostPort: 53, hostIP: '127.0.0.1', protocol: 'UDP' }]
  const text = hostPortText(hostPorts([{ ...pod, spec: { containers: [{ name: 'dns', ports }] } }]))
  expect(text).toContain('-m udp -p udp -d 127.0.0.1/32 --dport 53 -j DNAT --to-destination 10.244.1.2:53')
})

it('does nothing for pods without an address, at their end, or on the network of the host', () => {
  expect(hostPorts([{ ...pod, status: {} }])).toEqual([])
  expect(hostPorts([{ ...pod, status: { ...pod.status, phase: 'Failed' } }])).toEqual([])
  expect(hostPorts([{ ...pod, spec: { ...pod.spec, hostNetwork: true } }])).toEqual([])
})

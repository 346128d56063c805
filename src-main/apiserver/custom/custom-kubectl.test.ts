import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer } from '../../../test/support/api-server.ts'
import { aDefinition, aVersion } from '../../../test/support/custom-resources.ts'
import { kubectlVersions } from '../../../test/support/kubectl.ts'
import { openTlsLab, type TlsLab } from '../../../test/support/tls-lab.ts'
import { systemClock } from '../../lib/system-clock.ts'

let tls: TlsLab

beforeAll(async () => {
  tls = await openTlsLab()
})
afterAll(() => tls.dispose())

const definition = aDefinition([
  aVersion('v1', {
    subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
    additionalPrinterColumns: [
      { name: 'Schedule', type: 'string', jsonPath: '.spec.cronSpec' },
      { name: 'Image', type: 'string', jsonPath: '.spec.image', priority: 1 },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ],
    schema: {
      openAPIV3Schema: {
        type: 'object',
        description: 'CronTab runs something now and then',
        properties: {
          spec: {
            type: 'object',
            description: 'What is wanted',
            required: ['cronSpec'],
            properties: {
              cronSpec: { type: 'string', description: 'When it runs' },
              image: { type: 'string', default: 'busybox' },
              replicas: { type: 'integer', minimum: 0 },
            },
          },
          status: { type: 'object', properties: { replicas: { type: 'integer' } } },
        },
      },
    },
  }),
])
const cronTab = (spec: object): string =>
  JSON.stringify({ apiVersion: 'stable.example.com/v1', kind: 'CronTab', metadata: { name: 'mine' }, spec })

for (const version of ['1.27', '1.30', '1.33']) {
  const missing = kubectlVersions().has(version) ? '' : ' (not on this machine)'
  describe.skipIf(missing !== '')(`kubectl ${version}${missing}`, () => {
    it('works with a custom resource from its definition to its end', { timeout: 120_000 }, async () => {
      const { server } = await startTestServer({ clock: systemClock })
      await tls.start(server.handler)
      const { run, try: attempt } = tls.kubectl(version)
      await run(['apply', '-f', '-'], JSON.stringify(definition))
      await run(['wait', '--for=condition=Established', 'crd/crontabs.stable.example.com', '--timeout=20s'])
      expect(await run(['api-resources', '--api-group=stable.example.com'])).toMatch(
        /crontabs +ct +stable.example.com\/v1 +true +CronTab/,
      )

      expect(await run(['create', '-f', '-'], cronTab({ cronSpec: '* * * * *', replicas: 1 }))).toBe(
        'crontab.stable.example.com/mine created\n',
      )
      expect(await run(['get', 'ct'])).toMatch(/^NAME +SCHEDULE +AGE\nmine +\* \* \* \* \* +\d+s\n$/)
      expect(await run(['get', 'ct', '-o', 'wide'])).toMatch(/^NAME +SCHEDULE +IMAGE +AGE\nmine .* busybox +\d+s\n$/)
      expect(await run(['get', 'all'])).toMatch(/crontab.stable.example.com\/mine/)

      const unknown = await attempt(['apply', '-f', '-'], cronTab({ cronSpec: '1', extra: true }))
      expect(unknown.stderr).toMatch(/unknown field "(spec\.)?extra"/)
      const missingField = await attempt(
        ['apply', '-f', '-'],
        JSON.stringify({ ...JSON.parse(cronTab({})), metadata: { name: 'other' } }),
      )
      expect(missingField.stderr).toMatch(/cronSpec/)

      await run(['scale', 'ct/mine', '--replicas=3'])
      expect(await run(['get', 'ct', 'mine', '-o', 'jsonpath={.spec.replicas}'])).toBe('3')
      await run(['apply', '--server-side', '--force-conflicts', '-f', '-'], cronTab({ cronSpec: '2 * * * *' }))
      await run(['patch', 'ct', 'mine', '--type=merge', '-p', '{"spec":{"image":"other"}}'])
      expect(await run(['get', 'ct', 'mine', '-o', 'jsonpath={.spec.cronSpec} {.spec.image}'])).toBe('2 * * * * other')

      expect(await run(['explain', 'crontabs.spec.cronSpec'])).toMatch(/When it runs/)
      expect(await run(['explain', 'crontabs'])).toMatch(/CronTab runs something now and then/)
      expect(await run(['delete', 'crd', 'crontabs.stable.example.com'])).toMatch(/deleted/)
      expect((await attempt(['get', 'crontabs'])).stderr).toMatch(
        // Whether kubectl asks at all depends on what it remembers of the API.
        /the server (doesn't have a resource type|could not find the requested resource)/,
      )
      await server.dispose()
    })
  })
}

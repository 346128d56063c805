import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const executable = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Why no browser test can run here; undefined when one can. */
export function chromiumMissing(): string | undefined {
  return existsSync(executable) ? undefined : `no Chromium at ${executable}`
}

/** Debian's Chromium without any traffic of its own. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: executable,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

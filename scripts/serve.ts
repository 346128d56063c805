/** `npm run serve`: the API and the interface in a browser, whether or not there is a display; the lab stays as it is. */
process.argv.splice(2, 0, '--headless', '--idle')
await import('./start.ts')

export {}

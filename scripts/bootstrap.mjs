// The first step of every verb, in plain JavaScript because nothing is installed yet and the host's Node may be old:
// installs the npm packages when the lock file says so, then hands over to the matching Node with scripts/<verb>.ts.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [verb = 'start', ...rest] = process.argv.slice(2)
const json = rest.join(' ').includes('--output json') || rest.includes('--output=json')

/** @param {string} step @param {string} [error] */
function say(step, error) {
  if (json) process.stdout.write(`${JSON.stringify({ step, state: error ? 'failed' : 'running', error })}\n`)
  else process.stderr.write(error ? `✕ ${step}: ${error}\n` : `◐ ${step}\n`)
}

function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const mark = join(root, 'node_modules', '.orrery-lock')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return
  say('Install npm packages')
  // Both output streams go to stderr: stdout belongs to the verb.
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) {
    say('Install npm packages', npm.error?.message ?? `npm ci ended with ${npm.status}; its messages are above`)
    process.exit(1)
  }
  writeFileSync(mark, lock)
}

/** The Node that the lock file pins, or the running one when that is new enough. */
function matchingNode() {
  const pinned = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
  if (existsSync(pinned)) return pinned
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 15)) return process.execPath
  say('Find Node', `Node 24.15 or newer is needed here, this is ${process.version}: install it and try again`)
  process.exit(1)
}

/**
 * When npm itself is killed nobody tells this process, and an app without a terminal would stay behind. npm is the
 * parent, or the parent of the shell between.
 * @param {() => void} gone
 */
function watchNpm(gone) {
  if (process.env.npm_lifecycle_event === undefined) return
  const ancestors = () => `${process.ppid} ${parentOf(process.ppid)}`
  const first = ancestors()
  const timer = setInterval(() => {
    if (ancestors() === first) return
    clearInterval(timer)
    gone()
  }, 250)
  timer.unref()
}

/** @param {number} pid */
function parentOf(pid) {
  try {
    // The name in parentheses may hold anything; the parent is the second word behind it.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1] ?? ''
  } catch {
    return ''
  }
}

installPackages()
const child = spawn(matchingNode(), [join(root, 'scripts', `${verb}.ts`), ...rest], {
  cwd: process.cwd(),
  stdio: 'inherit',
  env: { ...process.env, ORRERY_PARENT: String(process.pid) },
  shell: process.platform === 'win32',
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => child.kill(/** @type {NodeJS.Signals} */ (signal)))
watchNpm(() => child.kill('SIGTERM'))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))

/**
 * What runs in the thread of a user's plugin. The plugin itself runs in a context of its own, in which there is nothing
 * but the language: no modules, files, network, process or timers. Only texts cross the border, so that no object of
 * the thread can be reached from inside: a single one would lead, over its constructor, to all that the thread can do.
 * That is why `import()` cannot even be written (its promise and its errors are the thread's), and why what a plugin
 * throws is made a text before it leaves. What takes memory beside the heap, which has no limit, is taken away.
 */
export const workerCode = String.raw`
'use strict'
const { parentPort, workerData } = require('node:worker_threads')
const { stripTypeScriptTypes } = require('node:module')
const vm = require('node:vm')

const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } })

const withoutLimit = /^(?!Array$|Function$).*(Array|ArrayBuffer|DataView|WebAssembly|Atomics)$/
for (const name of vm.runInContext('Object.getOwnPropertyNames(globalThis)', context).join(' ').split(' '))
  if (withoutLimit.test(name)) vm.runInContext('delete globalThis.' + name, context)

/** Made before the plugin runs, with functions that it cannot change. */
const bridge = [
  '(() => {',
  '  const { parse, stringify } = JSON',
  '  const textOf = String',
  '  return (plugin) => {',
  '  const known = { filter: plugin.filter, score: plugin.score, permit: plugin.permit }',
  '  const check = (name) => {',
  '    const value = known[name]',
  '    if (value !== undefined && typeof value !== "function") throw new TypeError(name + " is not a function")',
  '    return value !== undefined',
  '  }',
  '  const describe = () => stringify({',
  '    filter: check("filter"), score: check("score"), permit: check("permit"), weight: plugin.weight ?? null,',
  '  })',
  '  const call = (text) => {',
  '    const { kind, pod, nodes } = parse(text)',
  '    return stringify(nodes.map((node) => known[kind](pod, node) ?? null))',
  '  }',
  '  return (text) => {',
  '    try {',
  '      return "+" + (text === "" ? describe() : call(text))',
  '    } catch (error) {',
  '      try {',
  '        return "-" + textOf(error)',
  '      } catch {',
  '        return "-it threw something that has no text"',
  '      }',
  '    }',
  '  }',
  '  }',
  '})()',
].join('\n')

const connect = vm.runInContext(bridge, context)

async function start() {
  const text = workerData.typescript ? stripTypeScriptTypes(workerData.text, { mode: 'strip' }) : workerData.text
  const module = new vm.SourceTextModule(text, { context, identifier: workerData.name })
  await module.link((specifier) => {
    throw new Error('a plugin cannot import ' + specifier)
  })
  if (/\bimport\b/.test(text)) throw new Error('a plugin cannot import, nor have the word import anywhere')
  await module.evaluate()
  const run = connect(module.namespace)
  const answer = (id, text) => {
    const answered = run(text)
    if (typeof answered !== 'string') throw new Error('no text')
    const rest = answered.slice(1)
    parentPort.postMessage(answered.startsWith('+') ? { id, text: rest } : { id, error: rest })
    // Comes only when the plugin lets the thread rest.
    setImmediate(() => parentPort.postMessage({ id: -1 - id }))
  }
  parentPort.on('message', ({ id, text }) => answer(id, text))
  answer(0, '')
}

/** Errors of the plugin's own making are only read as texts, and never trusted to have one. */
start().catch((error) => {
  let text = 'it cannot be loaded'
  try {
    text = String(error)
  } catch {}
  parentPort.postMessage({ id: 0, error: text })
})
`

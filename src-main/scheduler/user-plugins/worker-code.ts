/**
 * What runs in the thread of a user's plugin. The plugin itself runs in a context of its own, in which there is nothing
 * but the language: no modules, files, network, process or timers. Only texts cross the border, so that no object of
 * the thread can be reached from inside.
 */
export const workerCode = String.raw`
'use strict'
const { parentPort, workerData } = require('node:worker_threads')
const { stripTypeScriptTypes } = require('node:module')
const vm = require('node:vm')

const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } })

const bridge = [
  '(plugin) => {',
  '  const { parse, stringify } = JSON',
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
  '  return (text) => (text === "" ? describe() : call(text))',
  '}',
].join('\n')

async function start() {
  const text = workerData.typescript ? stripTypeScriptTypes(workerData.text, { mode: 'strip' }) : workerData.text
  const module = new vm.SourceTextModule(text, { context, identifier: workerData.name })
  await module.link((specifier) => {
    throw new Error('a plugin cannot import ' + specifier)
  })
  await module.evaluate()
  const run = vm.runInContext(bridge, context)(module.namespace)
  parentPort.on('message', ({ id, text }) => {
    try {
      parentPort.postMessage({ id, text: run(text) })
    } catch (error) {
      parentPort.postMessage({ id, error: String(error) })
    }
  })
  parentPort.postMessage({ id: 0, text: run('') })
}

start().catch((error) => parentPort.postMessage({ id: 0, error: String(error) }))
`

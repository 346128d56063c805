import { describe, expect, it } from 'vitest'
import { compile } from './compile.ts'
import { environment } from './environment.ts'
import { dyn, int, listOf, objectType, string } from './types/type.ts'
import { evaluate } from './test-evaluate.ts'
import { escapeName, unescapeName } from './values/json.ts'

const self = objectType('Self', {
  replicas: int,
  name: string,
  tags: listOf(string),
  meta: objectType('Meta', { a: int }),
})
const env = environment({ variables: { self, object: dyn } })

describe('an expression that is wrong', () => {
  it.each([
    ['self.replicas >', "Syntax error: mismatched input '<EOF>'"],
    ['self.replicas > 1)', "Syntax error: mismatched input ')'"],
    ['foo == 1', "undeclared reference to 'foo' (in container '')"],
    ['self.nope == 1', "undefined field 'nope'"],
    ['self.meta.b == 1', "undefined field 'b'"],
    ['has(self.nope)', "undefined field 'nope'"],
    ['self.replicas + self.name', "found no matching overload for '_+_' applied to '(int, string)'"],
    ['self.name.startsWith(1)', "found no matching overload for 'startsWith' applied to 'string.(int)'"],
    ['self.name.nope()', "undeclared reference to 'nope' (in container '')"],
    ['self.replicas.x == 1', "type 'int' does not support field selection"],
    ['self.replicas.all(x, x == 1)', "expression of type 'int' cannot be range of a comprehension"],
    ['self.tags.all(x, x)', "expected type 'bool' but found 'string'"],
    ['self.replicas ? 1 : 2', "found no matching overload for '_?_:_' applied to '(int, int, int)'"],
    ['[1, "a"] == []', "expected type 'int' but found 'string'"],
    ['has(self)', 'invalid argument to has() macro'],
    ['self.tags.all(1, true)', 'argument is not an identifier'],
    ['self.name.matches("(")', 'invalid matches argument'],
    ['duration("1x") > duration("1s")', 'invalid duration argument'],
    ['if == 1', 'reserved identifier: if'],
    ['Object{a: 1} == 1', "undeclared reference to 'Object' (in container '')"],
    ['99999999999999999999 > 1', 'invalid int literal'],
    ['self.name == "a', 'token recognition error'],
    [`${'('.repeat(300)}1${')'.repeat(300)}`, 'expression recursion limit exceeded: 250'],
    [Array.from({ length: 400 }, () => '1').join(' + '), 'expression recursion limit exceeded: 250'],
    ['x'.repeat(100_001), 'expression code point size exceeds limit: size: 100001, limit 100000'],
  ])('%s', (expression, problem) => {
    expect(() => compile(expression, env)).toThrow(problem)
  })

  it('shows where', () => {
    expect(() => compile('self.replicas > 1 &&\n self.nope == 2', env)).toThrow(
      "ERROR: <input>:2:6: undefined field 'nope'\n |  self.nope == 2\n | .....^",
    )
  })

  it('tells everything that is wrong at once', () => {
    expect(() => compile('a && b', env)).toThrow(/reference to 'a'(.|\n)*reference to 'b'/)
  })
})

describe('an expression', () => {
  it.each([
    ['object.spec.replicas > 5', { object: { spec: { replicas: 6 } } }],
    ['object.metadata.namespace == "x"', { object: { metadata: { namespace: 'x' } } }],
    ['object.__namespace__ == "x" && object.a__dash__b == 1', { object: { namespace: 'x', 'a-b': 1 } }],
    ['object.x == null && has(object.x)', { object: { x: null } }],
    ['object.list.all(x, x.port > 1024)', { object: { list: [{ port: 8080 }] } }],
    ['type(object.n) == double && type(object.i) == int', { object: { n: 1.5, i: 2 } }],
    ['!has(object.a) || object.a.b', { object: {} }],
    ['object.a.exists(k, object.a[k] == "v")', { object: { a: { k: 'v' } } }],
  ])('%s', (expression, variables) => {
    expect(evaluate(expression, variables)).toBe(true)
  })

  it('knows long chains of conditions', () => {
    expect(evaluate(Array.from({ length: 2000 }, () => 'true').join(' && '))).toBe(true)
  })

  it('reads fields that are called as JavaScript calls its own', () => {
    expect(evaluate('has(object.__proto__) || has(object.constructor)', { object: {} })).toBe(false)
  })
})

describe('names of fields', () => {
  it.each([
    ['namespace', '__namespace__'],
    ['a-b', 'a__dash__b'],
    ['a.b/c', 'a__dot__b__slash__c'],
    ['a__b', 'a__underscores__b'],
    ['plain', 'plain'],
  ])('%s is written %s', (name, escaped) => {
    expect(escapeName(name)).toBe(escaped)
    expect(unescapeName(escaped)).toBe(name)
  })

  it('cannot all be written', () => {
    expect(escapeName('1a')).toBeUndefined()
    expect(escapeName('a b')).toBeUndefined()
  })
})

describe('what an expression costs', () => {
  it('ends one that runs away', () => {
    const numbers = Array.from({ length: 1000 }, (_none, index) => index)
    expect(() => evaluate('object.all(a, object.all(b, object.all(c, a + b + c >= 0)))', { object: numbers })).toThrow(
      'operation cancelled: actual cost limit exceeded',
    )
  })

  it('ends one that grows', () => {
    const text = 'x'.repeat(1000)
    const grow = `object${`.replace("x", object)`.repeat(3)}.size() > 0`
    expect(() => evaluate(grow, { object: text })).toThrow('actual cost limit exceeded')
  })

  it('ends a search that is long', () => {
    const text = 'ab'.repeat(50_000)
    expect(() => evaluate(`object.matches("(a|b){500}c")`, { object: text })).toThrow('cost limit')
  })

  it('is estimated from the sizes that the schema allows', () => {
    const nested = 'self.tags.all(a, self.tags.all(b, a == b))'
    expect(compile(nested, env).estimate.cost).toBeGreaterThan(1e9)
    const bounded = objectType('Self', {
      tags: { kind: 'list', element: { kind: 'string', maximum: 10 }, maximum: 10 },
    })
    expect(compile(nested, environment({ variables: { self: bounded } })).estimate.cost).toBeLessThan(1000)
  })
})

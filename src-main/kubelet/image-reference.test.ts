import { describe, expect, it } from 'vitest'
import { imageNameProblem } from './image-reference.ts'

describe('the name of an image', () => {
  it.each([
    'web',
    'web:1',
    'orrery.dev/web:1',
    'localhost/web',
    'localhost:5000/team/web:v1.2_3',
    'registry.k8s.io/e2e-test-images/agnhost:2.56',
    `web@sha256:${'0'.repeat(64)}`,
    `docker.io/library/web:1@sha256:${'a'.repeat(64)}`,
    'a__b/c-d.e',
    'HOST/web',
    '[::1]:5000/web',
  ])('may be %s', (image) => {
    expect(imageNameProblem(image)).toBeUndefined()
  })

  it.each([
    ['UPPER:case', 'invalid reference format: repository name (library/UPPER) must be lowercase'],
    ['example.com/Team/web', 'invalid reference format: repository name (Team/web) must be lowercase'],
    ['web:', 'invalid reference format'],
    ['web:1:2', 'invalid reference format'],
    ['/web', 'invalid reference format'],
    ['web@sha256:1', 'invalid reference format'],
    ['we b', 'invalid reference format'],
    ['-web', 'invalid reference format'],
    [`web:${'x'.repeat(129)}`, 'invalid reference format'],
  ])('may not be %s', (image, problem) => {
    expect(imageNameProblem(image)).toBe(problem)
  })
})

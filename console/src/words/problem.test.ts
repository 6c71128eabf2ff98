import { expect, test } from 'vitest'
import { Problem } from '../api/problems'
import { wordsOfProblem } from './problem'

test('a problem counts points as the page does, with the decimals of the wallet', () => {
  const numbers = { required: 500000, available: 114150, missing: 385850 }
  const detail = '500000 points are required and 114150 are available. See 422.'
  const problem = new Problem({ status: 422, detail, ...numbers }, 422)
  expect(wordsOfProblem(problem, 2)).toBe('5,000.00 points are required and 1,141.50 are available. See 422.')
  expect(wordsOfProblem(problem)).toBe('500,000 points are required and 114,150 are available. See 422.')
})

import { Problem, Unreachable } from '../api/problems'
import { formatPoints } from '../format'
import { problemAdvice } from './en'

/** Additional fields of problems that count points, as the texts of the API do: in the smallest unit. */
const POINTS = ['required', 'available', 'held', 'room', 'requested', 'adjustmentMax', 'points']

/** Says what a failure was and what to do. Points have the decimals of their wallet. */
export function wordsOfProblem(problem: Error, decimals = 0): string {
  if (problem instanceof Unreachable) return 'The service did not answer. Check the connection and try again.'
  if (!(problem instanceof Problem)) return problem.message
  const message = pointsInWords(problem, problem.message, decimals)
  const advice = problemAdvice[problem.code]
  return advice ? `${message} ${advice}` : message
}

/** The text of a problem with its points as the page shows them. */
export function pointsInWords({ extra }: Problem, text: string, decimals: number): string {
  const points = new Set(POINTS.map((field) => extra[field]))
  return text.replace(/\d+/g, (digits) =>
    points.has(Number(digits)) ? formatPoints(Number(digits), decimals) : digits,
  )
}

import { Problem } from '../api/problems'
import { pointsInWords } from '../words/problem'

/** What was typed, by the field of the request's body that it becomes, such as `order.amount`. */
export type Values = Readonly<Record<string, string | boolean>>
/** What is wrong, by field. */
export type Errors = Readonly<Record<string, string>>
/** The body of the request, or what is wrong with the form. */
export type Checked<Body> = { body: Body } | { errors: Errors }

/** The API's complaints about the body, by field. */
export function errorsOf(problem: Error | undefined, decimals = 0): Errors {
  if (!(problem instanceof Problem)) return {}
  return Object.fromEntries(
    problem.fields.map(({ field, message }) => [
      field.replace(/^body\./, ''),
      pointsInWords(problem, message, decimals),
    ]),
  )
}

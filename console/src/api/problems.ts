import type { components } from './openapi'

export type ProblemField = components['schemas']['ProblemField']
type ProblemDocument = components['schemas']['Problem']

/** The gateway refuses a key without a code. */
const CODES: Readonly<Record<number, string>> = { 401: 'unauthorized', 403: 'forbidden' }

/** A refusal by the API (RFC 9457). */
export class Problem extends Error {
  readonly code: string
  readonly status: number
  readonly title: string
  readonly requestId: string
  readonly fields: readonly ProblemField[]
  /** Additional fields of some problems, such as `available`. */
  readonly extra: Readonly<Record<string, unknown>>

  constructor(document: Partial<ProblemDocument>, status: number) {
    super(document.detail ?? document.title ?? `The request failed with status ${status}.`)
    this.code = document.code ?? CODES[status] ?? `http_${status}`
    this.status = status
    this.title = document.title ?? 'The request failed'
    this.requestId = document.requestId ?? ''
    this.fields = document.errors ?? []
    this.extra = document
  }
}

/** No answer came: the browser is offline, or the connection was cut. Whether a write was made is unknown. */
export class Unreachable extends Error {
  constructor() {
    super('The service did not answer.')
  }
}

export function problemOf(body: unknown, response: Response): Problem {
  if (typeof body === 'object' && body !== null) return new Problem(body, response.status)
  return new Problem({}, response.status)
}

/** Whether the refusal is the API's last word on this request: nothing was written, and nothing will be. */
export function isFinal(failure: unknown): failure is Problem {
  return failure instanceof Problem && failure.status < 500 && failure.status !== 408 && failure.status !== 429
}

/** Whether the key is not valid any more, or lacks a scope. */
export function isRefusalOfKey(failure: unknown): boolean {
  return failure instanceof Problem && (failure.status === 401 || failure.status === 403)
}

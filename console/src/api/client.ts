import createClient from 'openapi-fetch'
import { token } from '../session/token'
import type { paths } from './openapi'
import { Problem, problemOf, Unreachable } from './problems'
import { record } from './recent-calls'
import { announceRefusal } from './refusals'

const ATTEMPTS_MAX = 4
const RETRY_AFTER_SECONDS = 1
const SESSION = '/v1/session'

/** The page is `…/console/index.html`, so the API is one folder up, under any prefix. */
export const API_BASE = new URL('..', document.baseURI).href.replace(/\/$/, '')

/** Reads, and writes with an idempotency key, may be sent again. */
function isRepeatable(request: Request): boolean {
  return request.method === 'GET' || request.headers.has('Idempotency-Key')
}

/** Sends again after 429 and 503, as `Retry-After` says. The idempotency key stays the same. */
async function patientFetch(request: Request): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(request.clone()).catch(() => {
      throw new Unreachable()
    })
    const busy = response.status === 429 || response.status === 503
    if (!busy || attempt === ATTEMPTS_MAX || !isRepeatable(request)) return response
    const seconds = Number(response.headers.get('Retry-After') ?? RETRY_AFTER_SECONDS * attempt)
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  }
}

export const client = createClient<paths>({ baseUrl: API_BASE, fetch: patientFetch })

client.use({
  async onRequest({ request }) {
    const held = token()
    if (held && !request.headers.has('X-Api-Key')) request.headers.set('X-Api-Key', held)
    await record(request)
    return request
  },
  onResponse({ request, response }) {
    const refused = response.status === 401 || response.status === 403
    // The session is what the others of a refusal ask for.
    if (refused && !request.url.endsWith(SESSION)) announceRefusal()
  },
})

/** What openapi-fetch returns for a request. */
export interface Called<Data> {
  data?: Data
  error?: unknown
  response: Response
}

export interface Answer<Data> {
  data: Data
  etag: string | null
  /** The answer of an earlier request with the same idempotency key. */
  replayed: boolean
}

/**
 * Returns the answer's body.
 *
 * @throws Problem for a refusal; Unreachable if no answer came.
 */
export async function dataOf<Data>(call: Promise<Called<Data>>): Promise<Data> {
  return (await answerOf(call)).data
}

/** As `dataOf`, with the headers that pages use. */
export async function answerOf<Data>(call: Promise<Called<Data>>): Promise<Answer<Data>> {
  const { data, error, response } = await call.catch((failure: unknown) => {
    if (failure instanceof Problem) throw failure
    throw new Unreachable()
  })
  if (!response.ok) throw problemOf(error, response)
  return {
    data: data as Data,
    etag: response.headers.get('ETag'),
    replayed: response.headers.get('Idempotent-Replayed') === 'true',
  }
}

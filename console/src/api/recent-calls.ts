import { createSignal } from '../signal'

/** The requests that the page made last, for "View as API". Keys are never among them. */
export interface RecentCall {
  method: string
  url: string
  body: string | null
  idempotencyKey: string | null
  ifMatch: string | null
}

const CALLS_MAX = 30
let calls: readonly RecentCall[] = []
const changes = createSignal()
export const onCallsChange = changes.subscribe

export async function record(request: Request): Promise<void> {
  const call: RecentCall = {
    method: request.method,
    url: request.url,
    body: request.method === 'GET' ? null : (await request.clone().text()) || null,
    idempotencyKey: request.headers.get('Idempotency-Key'),
    ifMatch: request.headers.get('If-Match'),
  }
  calls = [...calls.filter((known) => curlOf(known) !== curlOf(call)), call].slice(-CALLS_MAX)
  changes.announce()
}

export function recentCalls(): readonly RecentCall[] {
  return calls
}

/** Starts a new page's list. */
export function forgetCalls(): void {
  calls = []
  changes.announce()
}

/** The request as a curl command with the key as a variable. */
export function curlOf(call: RecentCall): string {
  const lines = [`curl -s -X ${call.method} '${call.url}'`, `-H "X-Api-Key: $LOYALTY_API_KEY"`]
  if (call.idempotencyKey) lines.push(`-H 'Idempotency-Key: ${call.idempotencyKey}'`)
  if (call.ifMatch) lines.push(`-H 'If-Match: ${call.ifMatch}'`)
  if (call.body) lines.push(`-H 'Content-Type: application/json'`, `-d '${call.body.replaceAll("'", "'\\''")}'`)
  return lines.join(' \\\n  ')
}

/** An errand with the types of openapi-typescript and the client openapi-fetch. Prints what was answered, as JSON. */
import createClient from 'openapi-fetch'
import type { components, paths } from './generated/openapi.js'

const { LOYALTY_API_URL: baseUrl = '', LOYALTY_API_KEY = '', READING_KEY = '' } = process.env
const { WALLET = '', CUSTOMER = '' } = process.env
type Refusal = components['schemas']['ProblemOrMessage']

const clientOf = (key: string) => createClient<paths>({ baseUrl, headers: { 'X-Api-Key': key } })
const client = clientOf(LOYALTY_API_KEY)
const path = { walletId: WALLET, customerId: CUSTOMER }

function problemOf(refusal: Refusal | undefined): { status: number; code: string } {
  if (refusal === undefined || !('code' in refusal)) throw new Error(`not a problem: ${JSON.stringify(refusal)}`)
  return { status: refusal.status, code: refusal.code }
}

function messageOf(refusal: Refusal | undefined, { status }: Response): { status: number; message: string } {
  if (refusal === undefined || 'code' in refusal) throw new Error(`not a message: ${JSON.stringify(refusal)}`)
  return { status, message: refusal.message }
}

async function page(cursor: string | null) {
  const { data } = await client.GET('/v1/wallets', { params: { query: { limit: 1, cursor } } })
  if (data === undefined) throw new Error('no page')
  return data
}

const credit = await client.POST('/v1/wallets/{walletId}/cards/{customerId}/credits', {
  params: { path, header: { 'idempotency-key': `credit-${CUSTOMER}` } },
  body: { points: 100 },
})
const debitWith = (key: string) =>
  clientOf(key).POST('/v1/wallets/{walletId}/cards/{customerId}/debits', {
    params: { path, header: { 'idempotency-key': `debit-${CUSTOMER}` } },
    body: { points: 500 },
  })
const first = await page(null)
const second = await page(first.nextCursor)
const unknown = await clientOf('unknown').GET('/v1/wallets')
const anonymous = await createClient<paths>({ baseUrl }).GET('/v1/wallets')

console.log(
  JSON.stringify({
    credited: credit.data?.balance.active,
    refused: problemOf((await debitWith(LOYALTY_API_KEY)).error),
    noScope: problemOf((await debitWith(READING_KEY)).error),
    pages: new Set([...first.data, ...second.data].map(({ walletId }) => walletId)).size,
    unknownKey: messageOf(unknown.error, unknown.response),
    noKey: messageOf(anonymous.error, anonymous.response),
  }),
)

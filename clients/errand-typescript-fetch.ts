/** An errand with the client that openapi-generator generates by typescript-fetch. Prints what was answered, as JSON. */
import {
  Configuration,
  PointsApi,
  ProblemOrMessageFromJSON,
  ResponseError,
  WalletsApi,
  instanceOfMovement,
  instanceOfProblem,
  type ProblemOrMessage,
} from './generated/typescript-fetch/index.js'

const { LOYALTY_API_URL: basePath = '', LOYALTY_API_KEY = '', READING_KEY = '' } = process.env
const { WALLET = '', CUSTOMER = '' } = process.env
const configurationOf = (apiKey: string) => new Configuration({ basePath, apiKey })
const points = new PointsApi(configurationOf(LOYALTY_API_KEY))
const wallets = new WalletsApi(configurationOf(LOYALTY_API_KEY))
const card = { walletId: WALLET, customerId: CUSTOMER }

async function refusalOf(answer: Promise<unknown>): Promise<{ status: number; refusal: ProblemOrMessage }> {
  try {
    await answer
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error
    return { status: error.response.status, refusal: ProblemOrMessageFromJSON(await error.response.json()) }
  }
  throw new Error('not refused')
}

async function problemOf(answer: Promise<unknown>): Promise<{ status: number; code: string }> {
  const { refusal } = await refusalOf(answer)
  if (!instanceOfProblem(refusal)) throw new Error(`not a problem: ${JSON.stringify(refusal)}`)
  return { status: refusal.status, code: refusal.code }
}

async function messageOf(answer: Promise<unknown>): Promise<{ status: number; message: string }> {
  const { status, refusal } = await refusalOf(answer)
  if (instanceOfProblem(refusal)) throw new Error(`not a message: ${JSON.stringify(refusal)}`)
  return { status, message: refusal.message }
}

const credit = await points.creditPoints({
  ...card,
  creditRequest: { points: 100 },
  idempotencyKey: `credit-${CUSTOMER}`,
})
if (!instanceOfMovement(credit)) throw new Error('a dry run')
const first = await wallets.listWallets({ limit: 1 })
const second = await wallets.listWallets({ limit: 1, cursor: first.nextCursor })
const ids = [...first.data, ...second.data].map(({ walletId }) => walletId)
const debitOf = { ...card, debitRequest: { points: 500 }, idempotencyKey: `debit-${CUSTOMER}` }
const stranger = new WalletsApi(configurationOf('unknown'))
const anonymous = new WalletsApi(new Configuration({ basePath }))

console.log(
  JSON.stringify({
    credited: credit.balance.active,
    refused: await problemOf(points.debitPoints(debitOf)),
    noScope: await problemOf(new PointsApi(configurationOf(READING_KEY)).debitPoints(debitOf)),
    pages: new Set(ids).size,
    unknownKey: await messageOf(stranger.listWallets()),
    noKey: await messageOf(anonymous.listWallets()),
  }),
)

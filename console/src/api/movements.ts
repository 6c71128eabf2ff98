import { client, dataOf, type Called } from './client'
import type { components } from './openapi'
import { Problem } from './problems'
import type { Transaction } from './transactions'
import type { CardReference, UnfinishedMovement } from './unfinished-movements'

type Schemas = components['schemas']
/** A command's body; whether it is a dry run is added when it is sent. */
type BodyOf<Name extends keyof Schemas> = Omit<Schemas[Name], 'dryRun'>
export type CreditBody = BodyOf<'CreditRequest'>
export type DebitBody = BodyOf<'DebitRequest'>
export type AdjustmentBody = BodyOf<'AdjustmentRequest'>
export type TransferBody = BodyOf<'TransferRequest'>
export type HoldBody = BodyOf<'HoldRequest'>
export type CaptureBody = BodyOf<'CaptureRequest'>
export type PaymentBody = BodyOf<'PaymentRequest'>
export type PendingBody = BodyOf<'PendingRequest'>
export type ExpiryChangeBody = BodyOf<'ExpiryChangeRequest'>
export type ReversalBody = BodyOf<'ReversalRequest'>

/** The effect that a movement would have now, in one form for all commands. */
export type Preview = Pick<
  Schemas['DryRun'],
  'points' | 'requested' | 'lots' | 'lotsBefore' | 'balanceBefore' | 'balance'
> & {
  /** What makes the movement smaller than requested; null if nothing does. */
  cappedBy: Schemas['DryRun']['cappedBy'] | Schemas['PaymentDryRun']['limitedBy']
  /** The order whose transactions have the movement's key. */
  orderId: string | null
  /** Points of a reversed credit that are no longer there, and are forgiven. */
  shortfall?: number
  /** The end of a hold. */
  heldUntil?: string
  payment?: Pick<Schemas['PaymentDryRun'], 'amount' | 'remainingAmount'>
}

/** A command that moves points of one card. */
export interface Command<Body> {
  preview: (body: Body) => Promise<Preview>
  commit: (body: Body, key: string) => Promise<Transaction>
}

interface Answered {
  transaction?: Transaction | null
}
type Headers = { 'idempotency-key'?: string }
type Send<Body> = (body: Body & { dryRun: boolean }, header: Headers) => Promise<Called<unknown>>

function command<Body, DryRun = Schemas['DryRun']>(
  send: Send<Body>,
  previewOf: (dryRun: DryRun, body: Body) => Preview | Promise<Preview>,
): Command<Body> {
  return {
    preview: async (body) => previewOf((await dataOf(send({ ...body, dryRun: true }, {}))) as DryRun, body),
    commit: async (body, key) => {
      const { transaction } = (await dataOf(send({ ...body, dryRun: false }, { 'idempotency-key': key }))) as Answered
      if (!transaction) throw new Error('A movement answers its transaction.')
      return transaction
    },
  }
}

const underOrder = (dryRun: Schemas['DryRun'], body: { orderId?: string | null }): Preview => ({
  ...dryRun,
  orderId: body.orderId ?? null,
})
const withoutOrder = (dryRun: Schemas['DryRun']): Preview => ({ ...dryRun, orderId: null })

export const credits = (path: CardReference): Command<CreditBody> =>
  command<CreditBody>(
    (body, header) =>
      client.POST('/v1/wallets/{walletId}/cards/{customerId}/credits', { params: { path, header }, body }),
    underOrder,
  )

export const debits = (path: CardReference): Command<DebitBody> =>
  command<DebitBody>(
    (body, header) =>
      client.POST('/v1/wallets/{walletId}/cards/{customerId}/debits', { params: { path, header }, body }),
    underOrder,
  )

export const adjustments = (path: CardReference): Command<AdjustmentBody> =>
  command<AdjustmentBody>(
    (body, header) =>
      client.POST('/v1/wallets/{walletId}/cards/{customerId}/adjustments', { params: { path, header }, body }),
    withoutOrder,
  )

export const transfers = (path: CardReference): Command<TransferBody> =>
  command<TransferBody>(
    (body, header) =>
      client.POST('/v1/wallets/{walletId}/cards/{customerId}/transfers', { params: { path, header }, body }),
    withoutOrder,
  )

export const holds = (path: CardReference): Command<HoldBody> =>
  command<HoldBody, Schemas['HoldDryRun']>(
    (body, header) =>
      client.POST('/v1/wallets/{walletId}/cards/{customerId}/holds', { params: { path, header }, body }),
    (dryRun, body) => ({ ...underOrder(dryRun, body), heldUntil: dryRun.expiresAt }),
  )

export const captures = (card: CardReference, holdId: string): Command<CaptureBody> =>
  command<CaptureBody>(
    (body, header) =>
      client.POST('/v1/wallets/{walletId}/cards/{customerId}/holds/{holdId}/capture', {
        params: { path: { ...card, holdId }, header },
        body,
      }),
    (dryRun) => underOrderOf(holdId, dryRun),
  )

export const releases = (card: CardReference, holdId: string): Command<object> =>
  command<object>(
    (body, header) =>
      client.POST('/v1/wallets/{walletId}/cards/{customerId}/holds/{holdId}/release', {
        params: { path: { ...card, holdId }, header },
        body,
      }),
    (dryRun) => underOrderOf(holdId, dryRun),
  )

export const payments = (path: CardReference): Command<PaymentBody> =>
  command<PaymentBody, Schemas['PaymentDryRun']>(
    (body, header) =>
      client.POST('/v1/wallets/{walletId}/cards/{customerId}/payments', { params: { path, header }, body }),
    (payment, { order }) => ({ ...payment, cappedBy: payment.limitedBy, orderId: order.id, payment }),
  )

export const pendingCommands = (path: CardReference, action: 'activate' | 'cancel'): Command<PendingBody> =>
  command<PendingBody>(
    (body, header) =>
      client.POST(`/v1/wallets/{walletId}/cards/{customerId}/pending/${action}`, { params: { path, header }, body }),
    (dryRun, body) => (body.transactionId ? underOrderOf(body.transactionId, dryRun) : underOrder(dryRun, body)),
  )

export const expiryChanges = (path: CardReference): Command<ExpiryChangeBody> =>
  command<ExpiryChangeBody>(
    (body, header) =>
      client.POST('/v1/wallets/{walletId}/cards/{customerId}/expiry-changes', { params: { path, header }, body }),
    withoutOrder,
  )

/** `noteReversed` is called once the transaction is reversed, by this command or by an earlier one. */
export function reversals(transactionId: string, noteReversed: (transactionId: string) => void): Command<ReversalBody> {
  const { preview, commit } = command<ReversalBody, Schemas['ReversalDryRun']>(
    (body, header) =>
      client.POST('/v1/transactions/{transactionId}/reversal', { params: { path: { transactionId }, header }, body }),
    (dryRun) => ({ ...withoutOrder(dryRun), shortfall: dryRun.shortfall }),
  )
  const noteRefusal = (failure: unknown): never => {
    if (failure instanceof Problem && failure.code === 'already_reversed') noteReversed(transactionId)
    throw failure
  }
  return {
    preview: (body) => preview(body).catch(noteRefusal),
    commit: async (body, key) => {
      const reversal = await commit(body, key).catch(noteRefusal)
      noteReversed(transactionId)
      return reversal
    },
  }
}

/** Finds the transaction of an idempotency key; null if there is none. */
export async function transactionOfKey(
  path: CardReference,
  key: string,
  orderId: string | null,
): Promise<Transaction | null> {
  const query = { key, ...(orderId === null ? {} : { orderId }) }
  try {
    return await dataOf(
      client.GET('/v1/wallets/{walletId}/cards/{customerId}/transactions/by-key', { params: { path, query } }),
    )
  } catch (failure) {
    if (failure instanceof Problem && failure.code === 'transaction_not_found') return null
    throw failure
  }
}

/** The key of a movement that names a hold or a credit belongs to the order of that transaction. */
async function underOrderOf(transactionId: string, dryRun: Schemas['DryRun']): Promise<Preview> {
  const path = { transactionId }
  const { orderId } = await dataOf(client.GET('/v1/transactions/{transactionId}', { params: { path } }))
  return { ...dryRun, orderId }
}

/** An answer is lost for good when the gateway has given up, which takes half a minute. */
const ON_ITS_WAY_MS = 60_000

/** What the ledger has of a movement without a final answer; `open` while the request may still be on its way. */
export async function outcomeOf({
  key,
  card,
  orderId = null,
  at,
}: UnfinishedMovement): Promise<{ is: 'committed'; transaction: Transaction } | { is: 'none' } | { is: 'open' }> {
  const transaction = card ? await transactionOfKey(card, key, orderId) : null
  if (transaction) return { is: 'committed', transaction }
  return { is: Date.now() - Date.parse(at) > ON_ITS_WAY_MS ? 'none' : 'open' }
}

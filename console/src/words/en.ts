/** Every text of enumerated values, in one typed catalogue. Texts of single pages are in the pages. */
import type { components } from '../api/openapi'

type Schemas = components['schemas']
type Words<Value extends string> = Readonly<Record<Value, string>>

export const walletStatus: Words<Schemas['WalletStatus']> = {
  DRAFT: 'Draft',
  ACTIVE: 'Active',
  INACTIVE: 'Inactive',
  DELETED: 'Deleted',
}

/** The kinds of definitions that use wallets. */
export const walletUsers: Words<Schemas['UserKind']> = { CAMPAIGN: 'Campaign', PROGRAM: 'Program', REWARD: 'Reward' }

export const cardStatus: Words<Schemas['CardStatus']> = {
  ACTIVE: 'Active',
  BLOCKED: 'Blocked',
  FROZEN: 'Frozen',
  CLOSED: 'Closed',
}

/** The change of points, as a row of the timeline shows it. */
export const transactionType: Words<Schemas['TransactionType']> = {
  CREDIT: 'Credited',
  DEBIT: 'Spent',
  ACTIVATION: 'Activated',
  EXPIRY: 'Expired',
  CANCELLATION: 'Canceled',
  RETURN: 'Returned',
  REVOCATION: 'Revoked',
  HOLD: 'Held',
  CAPTURE: 'Captured',
  RELEASE: 'Released',
  TRANSFER_IN: 'Received',
  TRANSFER_OUT: 'Sent',
  ACTIVITY: 'No points moved',
}

/** The reason for a transaction, mostly the command. */
export const operation: Words<Schemas['Operation']> = {
  credit: 'Credit',
  debit: 'Debit',
  payment: 'Payment',
  refund: 'Refund',
  settle: 'Due date',
  activate: 'Activation by request',
  cancel: 'Cancellation by request',
  event: 'Custom event',
  adjustment: 'Adjustment',
  reversal: 'Reversal',
  transfer: 'Transfer',
  hold: 'Hold',
  capture: 'Capture',
  release: 'Release',
  expiry_change: 'Expiry change',
  campaign: 'Campaign',
  coupon: 'Coupon',
  reward: 'Reward',
  notice: 'Notice',
  tier: 'Tier change',
  manual_tier: 'Tier set by hand',
}

export const source: Words<Schemas['Source']> = {
  API: 'API',
  Manual: 'By hand',
  Campaign: 'Campaign',
  'Cashback Coupon': 'Cashback coupon',
  System: 'System',
}

export const tierCause: Words<Schemas['TierCause']> = {
  UPGRADE: 'Enough points',
  DOWNGRADE: 'Too few points',
  PROLONGED: 'Prolonged',
  MANUAL: 'Set by hand',
  CALCULATED: 'First calculation',
}

export const channel: Words<Schemas['Channel']> = {
  ALL: 'All channels',
  EMAIL: 'Email',
  SMS: 'SMS',
  WEBHOOK: 'Webhook',
  EVENT: 'Event',
}

export const resultKind: Words<Schemas['ResultKind']> = {
  CUSTOMER: 'Customer',
  CARD: 'Card',
  ORDER: 'Order',
  TRANSACTION: 'Transaction',
  WALLET: 'Wallet',
}

export const redemptionStatus: Words<Schemas['RedemptionStatus']> = {
  ISSUED: 'Not handed over yet',
  FULFILLED: 'Handed over',
  CANCELED: 'Canceled',
}

export const rewardKind: Words<Schemas['RewardKind']> = {
  PRODUCT: 'Product',
  DISCOUNT_CODE: 'Discount code',
  POINTS: 'Points',
  ENTITLEMENT: 'Right',
}

export const lotState: Words<Schemas['LotState']> = { PENDING: 'Pending', ACTIVE: 'Active', HELD: 'Held' }

/** What reduced the points of a transaction, after "limited by". */
const limits: Words<NonNullable<Schemas['Transaction']['cappedBy']>> = {
  balance: 'the balance',
  POINTS_LIMIT: 'the maximum points of the payment',
  AMOUNT_LIMIT: 'the maximum amount of the payment',
  budget: 'the budget of the campaign',
  'limits.perCustomer': 'the campaign’s limits for one customer',
  'earningLimits.global': 'the earning limit of a card',
  'earningLimits.transaction': 'the earning limit of one credit',
  'spendingLimits.global': 'the spending limit of a card',
  'spendingLimits.transaction': 'the spending limit of one debit',
}

/** A limit in words; its path may also name the number itself, such as `earningLimits.transaction.maxPoints`. */
export function limitInWords(limit: string): string {
  const path = limit.replace(/\.max(Points)?$/, '')
  return path in limits ? limits[path as keyof typeof limits] : `the setting ${limit}`
}

export const roles: Readonly<Record<string, string>> = {
  viewer: 'Viewer',
  agent: 'Agent',
  marketer: 'Marketer',
  admin: 'Administrator',
}

/** What to do about a problem, by its code. Other problems have the API's own words. */
export const problemAdvice: Readonly<Record<string, string>> = {
  precondition_failed: 'Somebody else changed this meanwhile. Read the newer version, then apply your change again.',
  insufficient_points: 'Lower the points, or allow a partial debit.',
  scope_missing: 'Ask an administrator for a key with this scope.',
  forbidden: 'Your key is not valid, or was revoked. Sign in again.',
  unauthorized: 'Your key is not valid, or was revoked. Sign in again.',
  http_429: 'The service has too many requests. Try again in a minute.',
  http_503: 'The service is busy. Try again in a minute.',
}

/** The capitalized words of a value without words of its own: `PARTIAL_REFUND` becomes "Partial refund". */
export function wordsOf(value: string): string {
  const words = value.replaceAll('_', ' ').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

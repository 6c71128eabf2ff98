import type { Card } from '../api/cards'
import type { Transaction } from '../api/transactions'
import type { Wallet } from '../api/wallets'
import type { Scope } from '../session/session'

export type MovementKind =
  | 'credit'
  | 'debit'
  | 'adjustment'
  | 'transfer'
  | 'hold'
  | 'payment'
  | 'capture'
  | 'release'
  | 'activate'
  | 'cancel'
  | 'expiry'
  | 'reversal'

/** The scope of each movement, as the API requires it. */
export const SCOPES: Readonly<Record<MovementKind, Scope>> = {
  credit: 'points:credit',
  debit: 'points:debit',
  adjustment: 'points:adjust',
  transfer: 'points:transfer',
  hold: 'points:debit',
  payment: 'points:debit',
  capture: 'points:debit',
  release: 'points:debit',
  activate: 'points:credit',
  cancel: 'points:credit',
  expiry: 'points:adjust',
  reversal: 'points:adjust',
}

const ONLY_ACTIVE_WALLETS: ReadonlySet<MovementKind> = new Set(['credit', 'debit', 'payment', 'hold', 'transfer'])
const SPENDING: ReadonlySet<MovementKind> = new Set(['debit', 'payment', 'hold', 'transfer'])

/** Why the state of card and wallet forbids the movement, as the API would refuse it; undefined if it may be made. */
export function obstacle(kind: MovementKind, card: Card, wallet: Wallet): string | undefined {
  if (wallet.status === 'DELETED') return 'The wallet was deleted.'
  if (wallet.status === 'DRAFT') return 'The wallet is a draft. Activate it first.'
  if (wallet.status === 'INACTIVE' && ONLY_ACTIVE_WALLETS.has(kind)) {
    return 'The wallet is inactive. Adjustments, reversals, captures and releases are still possible.'
  }
  if (card.status === 'FROZEN') return 'The card is frozen: no points are moved until it is reactivated.'
  if (card.status === 'CLOSED') return 'The card is closed: no points are moved.'
  if (card.status === 'BLOCKED' && SPENDING.has(kind)) return 'The card is blocked for spending. Reactivate it first.'
  switch (kind) {
    case 'transfer':
      return wallet.transfers.allowed ? undefined : 'The wallet does not allow transfers.'
    case 'payment':
      return wallet.payWithPoints.type === 'NO_PAYMENTS' ? 'Points of this wallet do not pay for orders.' : undefined
    case 'activate':
    case 'cancel':
      return card.balance.pending > 0 ? undefined : 'No points are pending.'
    case 'expiry':
      return card.lots.some(({ state }) => state === 'ACTIVE') ? undefined : 'The card has no active points.'
    default:
      return undefined
  }
}

const REVERSIBLE: ReadonlySet<Transaction['operation']> = new Set([
  'credit',
  'debit',
  'adjustment',
  'campaign',
  'coupon',
])

/** Whether the API reverses such a transaction. Transactions of an order are refunded instead. */
export function isReversible({ type, operation, orderId }: Transaction): boolean {
  return (type === 'CREDIT' || type === 'DEBIT') && REVERSIBLE.has(operation) && orderId === null
}

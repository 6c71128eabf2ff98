import type { Transaction } from '../../api/transactions'

export interface OrderOnCard {
  orderId: string
  earned: number
  spent: number
  returned: number
  revoked: number
  /** The instant of the order's newest transaction. */
  lastAt: string
  rows: number
}

const COUNTED: Partial<Record<Transaction['type'], 'earned' | 'spent' | 'returned' | 'revoked'>> = {
  CREDIT: 'earned',
  DEBIT: 'spent',
  CAPTURE: 'spent',
  RETURN: 'returned',
  REVOCATION: 'revoked',
}

/** Groups transactions, newest first, by their orders. Orders with the newest transactions come first. */
export function ordersOf(rows: readonly Transaction[]): OrderOnCard[] {
  const orders = new Map<string, OrderOnCard>()
  for (const row of rows) {
    if (row.orderId === null) continue
    const order = orders.get(row.orderId) ?? {
      orderId: row.orderId,
      earned: 0,
      spent: 0,
      returned: 0,
      revoked: 0,
      lastAt: row.createdAt,
      rows: 0,
    }
    const counted = COUNTED[row.type]
    if (counted) order[counted] += row.points
    order.rows += 1
    orders.set(row.orderId, order)
  }
  return [...orders.values()]
}

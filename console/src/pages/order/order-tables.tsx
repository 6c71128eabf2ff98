import { Header, Table } from '@cloudscape-design/components'
import type { CustomerOrder } from '../../api/orders'
import { decimalsOfWallet, nameOfWallet, type Wallet } from '../../api/wallets'
import { formatMoney, formatPoints } from '../../format'
import { wordsOf } from '../../words/en'

/** Whether a refund would still do something in a wallet. */
export function isRefundable(order: CustomerOrder): boolean {
  return order.wallets.some(({ refundable }) => refundable !== null)
}

/** What is left of the order's amount, in minor units; null if the amount is unknown. A refund applies to all wallets. */
export function leftToRefund({ order, wallets }: CustomerOrder): number | null {
  if (!order) return null
  return order.amount - Math.max(0, ...wallets.map(({ refundedAmount }) => refundedAmount ?? 0))
}

/** What the order earned and spent in each wallet, and what refunds did. */
export function OrderWallets({ order, wallets }: { order: CustomerOrder; wallets: readonly Wallet[] }) {
  type InWallet = CustomerOrder['wallets'][number]
  const points = (read: (inWallet: InWallet) => number) => (inWallet: InWallet) =>
    formatPoints(read(inWallet), decimalsOfWallet(inWallet.walletId, wallets))
  return (
    <Table
      header={<Header variant="h2">Points of the order</Header>}
      items={order.wallets}
      trackBy="walletId"
      empty="The order moved no points."
      columnDefinitions={[
        { id: 'wallet', header: 'Wallet', isRowHeader: true, cell: ({ walletId }) => nameOfWallet(walletId, wallets) },
        { id: 'earned', header: 'Earned', cell: points(({ earned }) => earned) },
        { id: 'spent', header: 'Spent', cell: points(({ spent }) => spent) },
        { id: 'revoked', header: 'Revoked', cell: points(({ revoked }) => revoked) },
        { id: 'returned', header: 'Returned', cell: points(({ returned }) => returned) },
        { id: 'shortfall', header: 'Could not be revoked', cell: points(({ shortfall }) => shortfall) },
        {
          id: 'left',
          header: 'Left to refund',
          cell: (inWallet) =>
            inWallet.refundable
              ? `${points(({ refundable }) => refundable?.revoked ?? 0)(inWallet)} to revoke, ${points(({ refundable }) => refundable?.returned ?? 0)(inWallet)} to return`
              : 'Nothing',
        },
      ]}
    />
  )
}

export interface Line {
  id: string
  productId: string
  lineId: string | null
  quantity: number
  amount: number
  /** Refunded in the wallet that refunded most: a refund applies to all wallets at once. */
  refunded: number
}

/** The lines of the order with what was refunded of them. */
export function linesOf(order: CustomerOrder): Line[] {
  const lines = order.wallets[0]?.items ?? []
  return lines.map(({ productId, lineId, quantity, amount }, index) => ({
    id: `${index} ${lineId ?? productId}`,
    productId,
    lineId,
    quantity,
    amount,
    refunded: Math.max(...order.wallets.map(({ items }) => items[index]?.refunded ?? 0)),
  }))
}

export function OrderLines({ order }: { order: CustomerOrder }) {
  const currency = order.order?.currency ?? ''
  const charges = order.wallets[0]?.charges ?? []
  const rows = [
    ...linesOf(order).map((line) => ({ ...line, what: line.productId })),
    ...charges.map(({ type, label, amount, refundedAmount }, index) => ({
      id: `charge ${index}`,
      what: label ?? wordsOf(type),
      quantity: null,
      amount,
      refunded: refundedAmount > 0 ? formatMoney(refundedAmount, currency) : null,
    })),
  ]
  if (rows.length === 0) return null
  return (
    <Table
      header={<Header variant="h2">Lines and charges</Header>}
      items={rows}
      trackBy="id"
      columnDefinitions={[
        { id: 'what', header: 'Item', isRowHeader: true, cell: ({ what }) => what },
        { id: 'quantity', header: 'Quantity', cell: ({ quantity }) => quantity ?? '–' },
        { id: 'amount', header: 'Value', cell: ({ amount }) => formatMoney(amount, currency) },
        { id: 'refunded', header: 'Refunded', cell: ({ refunded }) => refunded ?? '–' },
      ]}
    />
  )
}

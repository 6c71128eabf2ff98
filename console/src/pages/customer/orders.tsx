import { Box, Header, Link, Table } from '@cloudscape-design/components'
import type { Card } from '../../api/cards'
import { useTransactions } from '../../api/transactions'
import type { Wallet } from '../../api/wallets'
import { count } from '../../format'
import { LoadMore } from '../../parts/load-more'
import { Moment } from '../../parts/moment'
import { Points } from '../../parts/points'
import { ProblemAlert } from '../../parts/problem-alert'
import { to } from '../../routing'
import { ordersOf, type OrderOnCard } from './orders-of'

/** What the card's orders earned and spent, from the transactions that were read. */
export function Orders({ card, wallet }: { card: Card; wallet: Wallet }) {
  const transactions = useTransactions(card.walletId, card.customerId)
  const rows = transactions.data?.pages.flatMap((page) => page.data) ?? []
  const points = (id: 'earned' | 'spent' | 'revoked' | 'returned', header: string) => ({
    id,
    header,
    cell: (order: OrderOnCard) => <Points points={order[id]} decimals={wallet.pointsDecimals} />,
  })
  if (transactions.error) {
    return <ProblemAlert problem={transactions.error} onRetry={() => void transactions.refetch()} />
  }
  return (
    <Table
      ariaLabels={{ tableLabel: 'Orders' }}
      variant="borderless"
      header={
        <Header
          variant="h3"
          description={
            transactions.hasNextPage
              ? `From the newest ${count(rows.length, 'transaction')}. Older ones may add to an order.`
              : undefined
          }
        >
          Orders
        </Header>
      }
      loading={transactions.isPending}
      loadingText="Loading orders"
      items={ordersOf(rows)}
      trackBy="orderId"
      empty={<Box>No orders yet. Orders appear here when points are credited or spent for them.</Box>}
      footer={transactions.hasNextPage && <LoadMore pages={transactions} />}
      columnDefinitions={[
        {
          id: 'order',
          header: 'Order',
          isRowHeader: true,
          cell: ({ orderId }) => <Link href={`#${to.order(orderId, card.customerId)}`}>{orderId}</Link>,
        },
        points('earned', 'Earned'),
        points('spent', 'Spent'),
        points('revoked', 'Revoked'),
        points('returned', 'Returned'),
        { id: 'rows', header: 'Transactions', cell: ({ rows: number }) => number },
        { id: 'last', header: 'Last', cell: ({ lastAt }) => <Moment at={lastAt} /> },
      ]}
    />
  )
}

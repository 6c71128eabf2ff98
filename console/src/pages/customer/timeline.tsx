import { Box, Button, Header, Table } from '@cloudscape-design/components'
import type { Card } from '../../api/cards'
import { useTransactions } from '../../api/transactions'
import type { Wallet } from '../../api/wallets'
import { RowActions } from '../../movements/row-actions'
import { Moment } from '../../parts/moment'
import { Read } from '../../parts/page'
import { formatChange } from '../../format'
import { wordsOf } from '../../words/en'

/** The card's transactions, newest first. */
export function Timeline({ card, wallet }: { card: Card; wallet: Wallet }) {
  const transactions = useTransactions(card.walletId, card.customerId)
  return (
    <Read query={transactions}>
      {({ pages }) => (
        <Table
          header={<Header variant="h3">Transactions</Header>}
          items={pages.flatMap((page) => page.data)}
          trackBy="transactionId"
          empty={<Box>No transactions yet.</Box>}
          footer={
            transactions.hasNextPage && (
              <Button loading={transactions.isFetchingNextPage} onClick={() => void transactions.fetchNextPage()}>
                Load more
              </Button>
            )
          }
          columnDefinitions={[
            { id: 'seq', header: 'No.', isRowHeader: true, cell: (row) => row.seq },
            { id: 'at', header: 'Recorded', cell: (row) => <Moment at={row.createdAt} /> },
            { id: 'type', header: 'Type', cell: (row) => wordsOf(row.type) },
            { id: 'points', header: 'Active', cell: (row) => formatChange(row.deltas.active, wallet.pointsDecimals) },
            {
              id: 'actions',
              header: 'Actions',
              cell: (row) => <RowActions row={row} card={card} wallet={wallet} />,
            },
          ]}
        />
      )}
    </Read>
  )
}

import { Header, Link, Table } from '@cloudscape-design/components'
import { useOrderRows, type CustomerOrder } from '../../api/orders'
import { decimalsOfWallet, nameOfWallet, type Wallet } from '../../api/wallets'
import { formatPoints } from '../../format'
import { Moment } from '../../parts/moment'
import { useCampaignName } from '../../parts/names'
import { Read } from '../../parts/page'
import { to } from '../../routing'
import { transactionType } from '../../words/en'

/** Every transaction of the order in order of time. */
export function OrderRows({ order, wallets }: { order: CustomerOrder; wallets: readonly Wallet[] }) {
  const rows = useOrderRows(order)
  const campaignName = useCampaignName()
  return (
    <Read query={rows}>
      {(found) => (
        <Table
          header={<Header variant="h2">Transactions</Header>}
          items={found}
          trackBy="transactionId"
          columnDefinitions={[
            { id: 'at', header: 'Time', cell: ({ createdAt }) => <Moment at={createdAt} /> },
            { id: 'wallet', header: 'Wallet', cell: ({ walletId }) => nameOfWallet(walletId, wallets) },
            { id: 'type', header: 'What happened', cell: ({ type }) => transactionType[type] },
            {
              id: 'points',
              header: 'Points',
              cell: ({ points, walletId }) => formatPoints(points, decimalsOfWallet(walletId, wallets)),
            },
            {
              id: 'text',
              header: 'Description',
              cell: (row) =>
                [row.pointsDescription ?? row.reason, row.campaignId && `Campaign ${campaignName(row.campaignId)}`]
                  .filter(Boolean)
                  .join(', '),
            },
            {
              id: 'id',
              header: 'Transaction',
              isRowHeader: true,
              cell: ({ transactionId }) => <Link href={`#${to.transaction(transactionId)}`}>{transactionId}</Link>,
            },
          ]}
        />
      )}
    </Read>
  )
}

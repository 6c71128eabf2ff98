import { Box, Header, Table } from '@cloudscape-design/components'
import type { Wallet } from '../../api/wallets'
import { Copyable } from '../../parts/copyable'
import { walletUsers } from '../../words/en'

export function UsedBy({ wallet }: { wallet: Wallet }) {
  return (
    <Table
      items={wallet.usedBy}
      trackBy={({ kind, id }) => `${kind} ${id}`}
      enableKeyboardNavigation
      header={
        <Header
          variant="h2"
          counter={`(${wallet.usedBy.length})`}
          description="Active and paused campaigns and rewards, and active programs. A wallet in use cannot be deleted."
        >
          Used by
        </Header>
      }
      ariaLabels={{ tableLabel: 'Used by' }}
      empty={<Box>No active campaign, reward or program uses the wallet. They name the wallet in their settings.</Box>}
      columnDefinitions={[
        { id: 'kind', header: 'Kind', cell: ({ kind }) => walletUsers[kind] },
        {
          id: 'id',
          header: 'ID',
          isRowHeader: true,
          cell: ({ kind, id }) => <Copyable text={id} what={`${walletUsers[kind]}'s id`} />,
        },
      ]}
    />
  )
}

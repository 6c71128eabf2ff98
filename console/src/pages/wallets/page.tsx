import {
  Box,
  Button,
  Header,
  Link,
  SpaceBetween,
  StatusIndicator,
  Table,
  TextFilter,
} from '@cloudscape-design/components'
import { useCollection } from '@cloudscape-design/collection-hooks'
import { useWallets, type Wallet } from '../../api/wallets'
import { Copyable } from '../../parts/copyable'
import { Moment } from '../../parts/moment'
import { Page, Read } from '../../parts/page'
import { to } from '../../routing'
import { Allowed } from '../../session/session'
import { walletStatus } from '../../words/en'

export default function WalletsPage() {
  const wallets = useWallets()
  return (
    <Page
      title="Wallets"
      counter={wallets.data && `(${wallets.data.length})`}
      actions={
        <Allowed scope="wallets:write">
          <SpaceBetween direction="horizontal" size="xs">
            <Button href={`#${to.importWallet()}`}>Import</Button>
            <Button href={`#${to.newWallet()}`} variant="primary">
              Create wallet
            </Button>
          </SpaceBetween>
        </Allowed>
      }
    >
      <Read query={wallets}>{(found) => <Wallets wallets={found} />}</Read>
    </Page>
  )
}

function Wallets({ wallets }: { wallets: Wallet[] }) {
  const { items, filterProps, collectionProps } = useCollection(wallets, {
    filtering: { empty: <Box>No wallets yet.</Box>, noMatch: <Box>No wallet matches.</Box> },
    sorting: { defaultState: { sortingColumn: { sortingField: 'name' } } },
  })
  return (
    <Table
      {...collectionProps}
      header={<Header variant="h2">Definitions</Header>}
      items={items}
      trackBy="walletId"
      filter={
        <TextFilter
          {...filterProps}
          filteringPlaceholder="Find by name, points or id"
          filteringAriaLabel="Find wallets"
        />
      }
      columnDefinitions={[
        {
          id: 'name',
          header: 'Name',
          sortingField: 'name',
          isRowHeader: true,
          cell: (wallet) => <Link href={`#${to.wallet(wallet.walletId)}`}>{wallet.name}</Link>,
        },
        { id: 'points', header: 'Points', cell: (wallet) => wallet.pointsName },
        { id: 'status', header: 'Status', sortingField: 'status', cell: (wallet) => <WalletStatus wallet={wallet} /> },
        { id: 'id', header: 'Wallet ID', cell: (wallet) => <Copyable text={wallet.walletId} what="wallet's id" /> },
        {
          id: 'created',
          header: 'Created',
          sortingField: 'createdAt',
          cell: (wallet) => <Moment at={wallet.createdAt} day />,
        },
      ]}
    />
  )
}

function WalletStatus({ wallet }: { wallet: Wallet }) {
  const type = { ACTIVE: 'success', DRAFT: 'pending', INACTIVE: 'stopped', DELETED: 'stopped' } as const
  return <StatusIndicator type={type[wallet.status]}>{walletStatus[wallet.status]}</StatusIndicator>
}

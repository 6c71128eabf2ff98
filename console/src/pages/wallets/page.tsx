import { useCollection } from '@cloudscape-design/collection-hooks'
import {
  Box,
  Button,
  Link,
  Select,
  SpaceBetween,
  Table,
  TextFilter,
  type TableProps,
} from '@cloudscape-design/components'
import { useMemo } from 'react'
import { useDeletedWallets, useWallets, type Wallet } from '../../api/wallets'
import { count } from '../../format'
import { Copyable } from '../../parts/copyable'
import { Empty } from '../../parts/empty'
import { Moment } from '../../parts/moment'
import { Page, Read } from '../../parts/page'
import { useWalletActions, WalletMenu } from '../../parts/wallet/menu'
import { WalletStatus } from '../../parts/wallet/status'
import { to, useHashQuery } from '../../routing'
import { Allowed, useSession } from '../../session/session'
import { usePageShortcut } from '../../shell/page-shortcut'
import { walletStatus } from '../../words/en'
import { matchingWallets, statusOf } from './filter'

export default function WalletsPage() {
  const [query] = useHashQuery()
  const showDeleted = statusOf(query.status) === 'DELETED'
  const present = useWallets()
  const deleted = useDeletedWallets(showDeleted)
  usePageShortcut('n', 'Create wallet', useSession().may('wallets:write') ? to.newWallet() : undefined)
  return (
    <Page
      title="Wallets"
      counter={present.data && `(${present.data.length})`}
      actions={
        <Allowed scope="wallets:write">
          <SpaceBetween direction="horizontal" size="xs">
            <Button href={`#${to.importWallet()}`}>Import</Button>
            <CreateWallet />
          </SpaceBetween>
        </Allowed>
      }
      help={
        <Box>
          A wallet has the rules of its points: when they become usable, when they expire, and what limits apply. A card
          is a customer&apos;s account in a wallet. A draft moves no points until it is activated.
        </Box>
      }
    >
      <Read query={showDeleted ? deleted : present}>{(wallets) => <Wallets wallets={wallets} />}</Read>
    </Page>
  )
}

function CreateWallet() {
  return (
    <Button href={`#${to.newWallet()}`} variant="primary">
      Create wallet
    </Button>
  )
}

const ANY = { value: '', label: 'Not deleted' }
const STATUSES = [ANY, ...Object.entries(walletStatus).map(([value, label]) => ({ value, label }))]

function Wallets({ wallets }: { wallets: readonly Wallet[] }) {
  const [query, change] = useHashQuery()
  const { choose, dialog } = useWalletActions()
  const text = query.q ?? ''
  const status = statusOf(query.status)
  const matching = useMemo(() => matchingWallets(wallets, text, status), [wallets, text, status])
  const { items, collectionProps } = useCollection(matching, {
    sorting: { defaultState: { sortingColumn: { sortingField: 'name' } } },
  })
  return (
    <>
      <Table
        {...collectionProps}
        items={items}
        trackBy="walletId"
        columnDefinitions={columns(choose)}
        stickyColumns={{ first: 1, last: 1 }}
        enableKeyboardNavigation
        ariaLabels={{ tableLabel: 'Wallets' }}
        empty={
          wallets.length === 0 && !status ? (
            <NoWallets />
          ) : (
            <Empty text="No wallet matches.">
              <Button onClick={() => change({ q: undefined, status: undefined })}>Clear filters</Button>
            </Empty>
          )
        }
        filter={
          <SpaceBetween direction="horizontal" size="xs">
            <TextFilter
              filteringText={text}
              filteringPlaceholder="Find by name, points or id"
              filteringAriaLabel="Find wallets"
              filteringClearAriaLabel="Clear the text"
              countText={text || status ? count(items.length, 'match', 'matches') : ''}
              onChange={({ detail }) => change({ q: detail.filteringText || undefined })}
            />
            <Select
              ariaLabel="Status"
              selectedOption={STATUSES.find(({ value }) => value === status) ?? ANY}
              options={STATUSES}
              onChange={({ detail }) => change({ status: detail.selectedOption.value || undefined })}
            />
          </SpaceBetween>
        }
      />
      {dialog}
    </>
  )
}

function columns(choose: ReturnType<typeof useWalletActions>['choose']): TableProps.ColumnDefinition<Wallet>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      sortingField: 'name',
      isRowHeader: true,
      cell: (wallet) => <Link href={`#${to.wallet(wallet.walletId)}`}>{wallet.name}</Link>,
    },
    { id: 'points', header: 'Points', sortingField: 'pointsName', cell: (wallet) => wallet.pointsName },
    { id: 'status', header: 'Status', sortingField: 'status', cell: (wallet) => <WalletStatus wallet={wallet} /> },
    { id: 'id', header: 'Wallet ID', cell: (wallet) => <Copyable text={wallet.walletId} what="wallet's id" /> },
    {
      id: 'created',
      header: 'Created',
      sortingField: 'createdAt',
      cell: (wallet) => <Moment at={wallet.createdAt} day />,
    },
    { id: 'createdBy', header: 'Created by', sortingField: 'createdBy', cell: (wallet) => wallet.createdBy },
    {
      id: 'actions',
      header: 'Actions',
      cell: (wallet) => <WalletMenu wallet={wallet} onChoose={choose} variant="icon" />,
    },
  ]
}

function NoWallets() {
  return (
    <Empty text="There are no wallets yet. A wallet has the rules of its points.">
      <Allowed scope="wallets:write">
        <CreateWallet />
      </Allowed>
    </Empty>
  )
}

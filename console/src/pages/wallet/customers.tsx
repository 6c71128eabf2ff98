import { Button, Header, Link, SpaceBetween, Table, TextFilter } from '@cloudscape-design/components'
import { useState } from 'react'
import type { Card } from '../../api/cards'
import { useWalletCards } from '../../api/wallet-cards'
import type { Wallet } from '../../api/wallets'
import { CardStatus } from '../../parts/card-status'
import { Empty } from '../../parts/empty'
import { LoadMore } from '../../parts/load-more'
import { Moment } from '../../parts/moment'
import { Points } from '../../parts/points'
import { ProblemAlert } from '../../parts/problem-alert'
import { Until } from '../../parts/until'
import { to, useHashQuery } from '../../routing'
import { Allowed } from '../../session/session'
import { useOnline } from '../../shell/offline'
import { useSettled } from '../../use-settled'
import { CustomersCsv } from './customers-csv'
import { EnrolDialog } from './enrol-dialog'

export function Customers({ wallet }: { wallet: Wallet }) {
  const [query, change] = useHashQuery()
  const prefix = query.prefix ?? ''
  const cards = useWalletCards(wallet.walletId, useSettled(prefix))
  const [enrolling, setEnrolling] = useState(false)
  const found = cards.data?.pages.flatMap(({ data }) => data) ?? []
  return (
    <SpaceBetween size="m">
      {cards.error && <ProblemAlert problem={cards.error} onRetry={() => void cards.refetch()} />}
      <Table
        items={found}
        trackBy="cardId"
        loading={cards.isPending && !cards.error}
        loadingText="Loading the cards"
        enableKeyboardNavigation
        ariaLabels={{ tableLabel: 'Customers' }}
        columnDefinitions={columns(wallet)}
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <CustomersCsv wallet={wallet} cards={found} />
                <Allowed scope="cards:write">
                  <Enrol wallet={wallet} onEnrol={() => setEnrolling(true)} />
                </Allowed>
              </SpaceBetween>
            }
          >
            Customers with a card
          </Header>
        }
        filter={
          <TextFilter
            filteringText={prefix}
            filteringPlaceholder="Beginning of the customer id"
            filteringAriaLabel="Find customers by the beginning of their id"
            filteringClearAriaLabel="Clear the text"
            onChange={({ detail }) => change({ prefix: detail.filteringText || undefined })}
          />
        }
        empty={
          prefix === '' ? (
            <Empty text={wordsOfNone(wallet)} />
          ) : (
            <Empty text="No customer id in this wallet begins with this text.">
              <Button onClick={() => change({ prefix: undefined })}>Clear filters</Button>
            </Empty>
          )
        }
        footer={cards.hasNextPage && <LoadMore pages={cards} />}
      />
      {enrolling && <EnrolDialog wallet={wallet} customerId={prefix} onClose={() => setEnrolling(false)} />}
    </SpaceBetween>
  )
}

function wordsOfNone({ autoEnrol }: Wallet): string {
  const none = 'No customer has a card in this wallet yet.'
  return autoEnrol ? `${none} A first credit creates the card of a customer.` : none
}

function Enrol({ wallet, onEnrol }: { wallet: Wallet; onEnrol: () => void }) {
  const online = useOnline()
  const active = wallet.status === 'ACTIVE'
  return (
    <Button
      disabled={!active || !online}
      disabledReason={active ? 'You are offline.' : 'Only an active wallet gets new cards.'}
      onClick={onEnrol}
    >
      Enrol a customer
    </Button>
  )
}

function columns(wallet: Wallet) {
  const points = (number: number) => <Points points={number} decimals={wallet.pointsDecimals} />
  return [
    {
      id: 'customer',
      header: 'Customer',
      isRowHeader: true,
      cell: ({ customerId }: Card) => <Link href={`#${to.customer(customerId, wallet.walletId)}`}>{customerId}</Link>,
    },
    {
      id: 'status',
      header: 'Card',
      cell: ({ status }: Card) => <CardStatus status={status} />,
    },
    { id: 'available', header: 'Available', cell: ({ balance }: Card) => points(balance.available) },
    { id: 'pending', header: 'Pending', cell: ({ balance }: Card) => points(balance.pending) },
    { id: 'held', header: 'Held', cell: ({ balance }: Card) => points(balance.held) },
    {
      id: 'expires',
      header: 'Next to expire',
      cell: ({ nextExpiration: next }: Card) =>
        next ? (
          <>
            {points(next.points)}, usable <Until at={next.at} />
          </>
        ) : (
          'None'
        ),
    },
    { id: 'since', header: 'Enrolled', cell: ({ createdAt }: Card) => <Moment at={createdAt} day /> },
  ]
}

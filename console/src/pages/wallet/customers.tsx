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
import { useEffect, useState } from 'react'
import { useWalletCards, type Card } from '../../api/wallet-cards'
import type { Wallet } from '../../api/wallets'
import { formatPoints } from '../../format'
import { Moment } from '../../parts/moment'
import { ProblemAlert } from '../../parts/problem-alert'
import { Until } from '../../parts/until'
import { to, useHashQuery } from '../../routing'
import { Allowed } from '../../session/session'
import { useOnline } from '../../shell/offline'
import { cardStatus } from '../../words/en'
import { EnrolDialog } from './enrol-dialog'

const TYPING_MS = 300
const TYPES = { ACTIVE: 'success', BLOCKED: 'error', FROZEN: 'warning', CLOSED: 'stopped' } as const

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
              <Allowed scope="cards:write">
                <Enrol wallet={wallet} onEnrol={() => setEnrolling(true)} />
              </Allowed>
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
        empty={prefix === '' ? <NoCards wallet={wallet} /> : <NoMatch onClear={() => change({ prefix: undefined })} />}
        footer={
          cards.hasNextPage && (
            <Box textAlign="center">
              <Button loading={cards.isFetchingNextPage} onClick={() => void cards.fetchNextPage()}>
                Load more
              </Button>
            </Box>
          )
        }
      />
      {enrolling && <EnrolDialog wallet={wallet} customerId={prefix} onClose={() => setEnrolling(false)} />}
    </SpaceBetween>
  )
}

/** The text once its reader stops typing. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text])
  return settled
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
  const points = (number: number) => formatPoints(number, wallet.pointsDecimals)
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
      cell: ({ status }: Card) => <StatusIndicator type={TYPES[status]}>{cardStatus[status]}</StatusIndicator>,
    },
    { id: 'available', header: 'Available', cell: ({ balance }: Card) => <Figure text={points(balance.available)} /> },
    { id: 'pending', header: 'Pending', cell: ({ balance }: Card) => <Figure text={points(balance.pending)} /> },
    { id: 'held', header: 'Held', cell: ({ balance }: Card) => <Figure text={points(balance.held)} /> },
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

function Figure({ text }: { text: string }) {
  return <span className="numbers">{text}</span>
}

function NoCards({ wallet }: { wallet: Wallet }) {
  return (
    <Box textAlign="center" padding="s">
      No customer has a card in this wallet yet.
      {wallet.autoEnrol && ' A first credit creates the card of a customer.'}
    </Box>
  )
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <Box textAlign="center" padding="s">
      <Box variant="p">No customer id in this wallet begins with this text.</Box>
      <Button onClick={onClear}>Clear filters</Button>
    </Box>
  )
}

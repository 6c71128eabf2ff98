import { Box, Button, Header, Link, Select, SpaceBetween, Table, TextFilter } from '@cloudscape-design/components'
import { useEffect, useState } from 'react'
import { useCardsByPrefix } from '../../api/search'
import type { Wallet } from '../../api/wallets'
import { formatPoints } from '../../format'
import { ProblemAlert } from '../../parts/problem-alert'
import { to, useHashQuery } from '../../routing'
import { cardStatus } from '../../words/en'

const TYPING_MS = 400

/** The customers of a wallet whose ids begin with a text. The wallet and the text are in the location. */
export function PrefixSearch({ wallets, prefix: initial }: { wallets: Wallet[]; prefix: string }) {
  const [query, change] = useHashQuery()
  const wallet = wallets.find(({ walletId }) => walletId === query.wallet) ?? wallets[0]
  const prefix = query.prefix ?? initial
  const [text, setText] = useState(prefix)
  const cards = useCardsByPrefix(wallet?.walletId, prefix)
  useEffect(() => {
    if (text.trim() === prefix) return
    const timer = setTimeout(() => change({ prefix: text.trim() || undefined }), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, prefix, change])
  const options = wallets.map(({ walletId, name }) => ({ value: walletId, label: name }))
  return (
    <Table
      header={<Header variant="h2">Customers of a wallet</Header>}
      filter={
        <SpaceBetween direction="horizontal" size="s">
          <Select
            ariaLabel="Wallet"
            options={options}
            selectedOption={options.find(({ value }) => value === wallet?.walletId) ?? null}
            onChange={({ detail }) => change({ wallet: detail.selectedOption.value })}
          />
          <TextFilter
            filteringText={text}
            onChange={({ detail }) => setText(detail.filteringText)}
            filteringPlaceholder="Id begins with"
            filteringAriaLabel="The beginning of the customer's id"
          />
        </SpaceBetween>
      }
      loading={cards.isLoading}
      loadingText="Loading customers"
      items={cards.data?.pages.flatMap((page) => page.data) ?? []}
      trackBy="cardId"
      empty={
        cards.error ? (
          <ProblemAlert problem={cards.error} onRetry={() => void cards.refetch()} />
        ) : (
          <Box>{prefix ? `No customer’s id begins with “${prefix}”.` : 'Enter the beginning of a customer’s id.'}</Box>
        )
      }
      footer={
        cards.hasNextPage && (
          <Box textAlign="center">
            <Button loading={cards.isFetchingNextPage} onClick={() => void cards.fetchNextPage()}>
              Load more
            </Button>
          </Box>
        )
      }
      columnDefinitions={[
        {
          id: 'customer',
          header: 'Customer',
          isRowHeader: true,
          cell: (card) => <Link href={`#${to.customer(card.customerId, card.walletId)}`}>{card.customerId}</Link>,
        },
        { id: 'code', header: 'Code', cell: (card) => card.code },
        { id: 'status', header: 'Status', cell: (card) => cardStatus[card.status] },
        {
          id: 'available',
          header: 'Available',
          cell: (card) => (
            <span className="numbers">{formatPoints(card.balance.available, wallet?.pointsDecimals)}</span>
          ),
        },
      ]}
    />
  )
}

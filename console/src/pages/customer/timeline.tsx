import {
  Alert,
  Badge,
  Box,
  Button,
  ExpandableSection,
  Header,
  Link,
  SpaceBetween,
  Table,
} from '@cloudscape-design/components'
import { useState } from 'react'
import type { Card } from '../../api/cards'
import { useReversed } from '../../api/reversed'
import { useTransactions, type Transaction } from '../../api/transactions'
import type { Wallet } from '../../api/wallets'
import { RowActions } from '../../movements/row-actions'
import { LoadMore } from '../../parts/load-more'
import { Moment } from '../../parts/moment'
import { Actor, useCampaignName } from '../../parts/names'
import { Points } from '../../parts/points'
import { ProblemAlert } from '../../parts/problem-alert'
import { to, useHashQuery } from '../../routing'
import { useSession } from '../../session/session'
import { operation, source, transactionType } from '../../words/en'
import { Changes } from './changes'
import { filtersOf, isFiltered } from './filters'
import { remarksOn } from './remarks'
import { reversalsIn } from './reversals'
import { TimelineCsv } from './timeline-csv'
import { ClearFilters, TimelineFilters } from './timeline-filters'

const MINUTE_MS = 60_000

interface Props {
  card: Card
  wallet: Wallet
  /** Whether movements are offered. */
  movable: boolean
}

/** The card's transactions, newest first. The filters are in the location, and so is the transaction that is explained. */
export function Timeline({ card, wallet, movable }: Props) {
  const [query, change] = useHashQuery()
  const { project } = useSession()
  const decimals = wallet.pointsDecimals
  const transactions = useTransactions(card.walletId, card.customerId, filtersOf(query, project.timeZone, decimals))
  const campaignName = useCampaignName()
  const noted = useReversed()
  const pages = transactions.data?.pages ?? []
  const rows = pages.flatMap((page) => page.data)
  const reversals = reversalsIn(rows)
  const isReversed = ({ transactionId }: Transaction) => reversals.has(transactionId) || noted.includes(transactionId)
  const filtered = isFiltered(query)
  const [filtersOpen, setFiltersOpen] = useState(filtered)
  return (
    <SpaceBetween size="m">
      {transactions.error && <ProblemAlert problem={transactions.error} onRetry={() => void transactions.refetch()} />}
      {pages.length > 0 && !pages[0]?.complete && (
        <Alert action={<Button onClick={() => void transactions.refetch()}>Read again</Button>}>
          The newest transaction is not listed yet. Lists follow the ledger a moment later.
        </Alert>
      )}
      <Table
        ariaLabels={{ tableLabel: 'Transactions' }}
        variant="borderless"
        wrapLines
        stickyColumns={{ last: 1 }}
        header={
          <Header
            variant="h3"
            description={`Times are in the zone ${project.timeZone}.`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <ClearFilters query={query} change={change} />
                <TimelineCsv customerId={card.customerId} wallet={wallet} rows={rows} />
              </SpaceBetween>
            }
          >
            Transactions
          </Header>
        }
        filter={
          <ExpandableSection
            headerText="Filters"
            expanded={filtersOpen}
            onChange={({ detail }) => setFiltersOpen(detail.expanded)}
          >
            <TimelineFilters query={query} change={change} />
          </ExpandableSection>
        }
        loading={transactions.isPending}
        loadingText="Loading transactions"
        items={rows}
        trackBy="transactionId"
        empty={
          filtered ? (
            <SpaceBetween size="s" alignItems="center">
              <Box>No transaction matches.</Box>
              <ClearFilters query={query} change={change} />
            </SpaceBetween>
          ) : (
            <Box>No transactions yet. A credit is the first one.</Box>
          )
        }
        footer={transactions.hasNextPage && <LoadMore pages={transactions} />}
        columnDefinitions={[
          {
            id: 'seq',
            header: 'No.',
            cell: (row) =>
              row.transactionId === query.explain ? <Badge color="blue">{row.seq}</Badge> : <span>{row.seq}</span>,
          },
          { id: 'at', header: 'Recorded', minWidth: 130, cell: (row) => <Recorded row={row} /> },
          {
            id: 'type',
            header: 'What happened',
            isRowHeader: true,
            cell: (row) => <What row={row} isNew={row.transactionId === query.row} />,
          },
          {
            id: 'points',
            header: 'Points',
            minWidth: 130,
            cell: (row) => <Changes deltas={row.deltas} decimals={decimals} />,
          },
          {
            id: 'after',
            header: 'Available after',
            cell: (row) => <Points points={row.balanceAfter.available} decimals={decimals} />,
          },
          {
            id: 'remarks',
            header: 'Description',
            minWidth: 200,
            cell: (row) => (
              <>
                {remarksOn(row, { decimals, currency: project.currency, campaignName }).map((remark) => (
                  <div key={remark}>{remark}</div>
                ))}
                <Links row={row} />
                {isReversed(row) && <Reversed by={reversals.get(row.transactionId)} />}
              </>
            ),
          },
          { id: 'actor', header: 'By', cell: (row) => <Actor id={row.actor} /> },
          {
            id: 'actions',
            header: 'Actions',
            minWidth: 165,
            cell: (row) => (
              <div className="row-actions">
                <Button
                  variant="inline-link"
                  ariaLabel={`Explain transaction ${row.seq}`}
                  onClick={() => change({ explain: row.transactionId })}
                >
                  Explain
                </Button>
                {movable && <RowActions row={row} card={card} wallet={wallet} reversed={isReversed(row)} />}
              </div>
            ),
          },
        ]}
      />
    </SpaceBetween>
  )
}

/** When the row was recorded, and when it took effect if that was a minute earlier or more. */
function Recorded({ row }: { row: Transaction }) {
  const late = Date.parse(row.createdAt) - Date.parse(row.effectiveAt) >= MINUTE_MS
  return (
    <>
      <Moment at={row.createdAt} />
      {late && (
        <Box variant="small" display="block">
          in effect from <Moment at={row.effectiveAt} />
        </Box>
      )}
    </>
  )
}

/** What happened. The row that the reader has just made is marked. */
function What({ row, isNew }: { row: Transaction; isNew: boolean }) {
  return (
    <>
      {transactionType[row.type]} {isNew && <Badge color="green">New</Badge>}
      <Box variant="small" display="block">
        {[...new Set([operation[row.operation], source[row.source]])].join(' · ')}
      </Box>
    </>
  )
}

function Reversed({ by }: { by: Transaction | undefined }) {
  if (!by) return <div>Reversed</div>
  return (
    <div>
      Reversed by <Link href={`#${to.transaction(by.transactionId)}`}>no. {by.seq}</Link>
    </div>
  )
}

/** Links to what else the row concerns. */
function Links({ row }: { row: Transaction }) {
  const seqOf = (transactionId: string) => transactionId.split('.').at(-1)
  return (
    <>
      {row.orderId && (
        <div>
          Order <Link href={`#${to.order(row.orderId, row.customerId)}`}>{row.orderId}</Link>
        </div>
      )}
      {row.counterpart && (
        <div>
          Other customer <Link href={`#${to.customer(row.counterpart, row.walletId)}`}>{row.counterpart}</Link>
        </div>
      )}
      {row.reverses && (
        <div>
          Reverses <Link href={`#${to.transaction(row.reverses)}`}>no. {seqOf(row.reverses)}</Link>
        </div>
      )}
      {row.holdId && row.holdId !== row.transactionId && (
        <div>
          Hold <Link href={`#${to.transaction(row.holdId)}`}>no. {seqOf(row.holdId)}</Link>
        </div>
      )}
    </>
  )
}

import { Box, Container, Header, SegmentedControl, Spinner, Table } from '@cloudscape-design/components'
import { lazy, Suspense } from 'react'
import type { Card, Lot } from '../../api/cards'
import type { Wallet } from '../../api/wallets'
import { LANGUAGE } from '../../format'
import { Points } from '../../parts/points'
import { useHashQuery } from '../../routing'
import { useSession } from '../../session/session'
import { byExpiryMonth, NEVER, UNDATED, type ExpiryMonth } from './expiry'

const ExpiryChart = lazy(() => import('./expiry-chart'))

interface Props {
  lots: readonly Lot[]
  wallet: Wallet
}

/** Until when the points can be used: bars by the month of their last usable day, or a table with the same figures. */
export function PointsByMonth({ lots, wallet }: Props) {
  const [query, change] = useHashQuery()
  const zone = useSession().project.timeZone
  const months = byExpiryMonth(lots, zone)
  const sliding = wallet.expiration.type === 'SLIDING_EXPIRATION'
  if (months.length === 0) return null
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            sliding ? 'An activity moves these dates, except dates of their own that credits gave.' : undefined
          }
          actions={
            <SegmentedControl
              label="Show as"
              selectedId={query.points === 'table' ? 'table' : 'chart'}
              options={[
                { id: 'chart', text: 'Chart' },
                { id: 'table', text: 'Table' },
              ]}
              onChange={({ detail }) => change({ points: detail.selectedId === 'table' ? 'table' : undefined })}
            />
          }
        >
          Points by last usable day
        </Header>
      }
    >
      {query.points === 'table' ? (
        <MonthsTable months={months} wallet={wallet} />
      ) : (
        <Suspense fallback={<Spinner />}>
          <ExpiryChart months={months} wallet={wallet} sliding={sliding} />
        </Suspense>
      )}
    </Container>
  )
}

function MonthsTable({ months, wallet }: { months: ExpiryMonth[]; wallet: Wallet }) {
  const column = (id: 'active' | 'pending' | 'held', header: string) => ({
    id,
    header,
    cell: (month: ExpiryMonth) => <Points points={month[id]} decimals={wallet.pointsDecimals} />,
  })
  return (
    <Table
      variant="embedded"
      ariaLabels={{ tableLabel: 'Points by last usable day' }}
      items={months}
      trackBy="month"
      empty={<Box>No points.</Box>}
      columnDefinitions={[
        { id: 'month', header: 'Usable until', isRowHeader: true, cell: ({ month }) => monthName(month) },
        column('active', 'Active'),
        column('pending', 'Pending'),
        column('held', 'Held'),
      ]}
    />
  )
}

export function monthName(month: string): string {
  if (month === NEVER) return 'Without an end'
  if (month === UNDATED) return 'No date yet'
  const form = new Intl.DateTimeFormat(LANGUAGE, { month: 'short', year: 'numeric', timeZone: 'UTC' })
  return form.format(new Date(`${month}-15T00:00:00Z`))
}

/** The lots of the card with those that holds reserve. */
export function allLots(card: Card): Lot[] {
  return [...card.lots, ...card.holds.flatMap((hold) => hold.lots)]
}

import { Alert, Box, KeyValuePairs, SpaceBetween, Table } from '@cloudscape-design/components'
import type { Lot } from '../api/cards'
import type { Preview } from '../api/movements'
import type { Wallet } from '../api/wallets'
import { formatChange, formatDate, formatMoney, formatPoints } from '../format'
import { Moment } from '../parts/moment'
import { Until } from '../parts/until'
import { lotState } from '../words/en'
import { causeOfCut } from './causes'

const BALANCES = [
  ['available', 'Available'],
  ['pending', 'Pending'],
  ['held', 'Held'],
  ['debt', 'Owed'],
] as const

/** The effect that the movement would have now, by the API's dry run. */
export function Review({ preview, wallet }: { preview: Preview; wallet: Wallet }) {
  const points = (number: number) => formatPoints(number, wallet.pointsDecimals)
  const { balanceBefore: before, balance: after, payment } = preview
  return (
    <SpaceBetween size="l">
      <Cut preview={preview} wallet={wallet} />
      {payment && (
        <KeyValuePairs
          columns={2}
          items={[
            { label: 'Paid with points', value: formatMoney(payment.amount, wallet.currency) },
            { label: 'Left to pay', value: formatMoney(payment.remainingAmount, wallet.currency) },
          ]}
        />
      )}
      {preview.heldUntil && (
        <Box>
          The points are held until <Moment at={preview.heldUntil} />. Points that are not captured by then are
          released.
        </Box>
      )}
      <Table
        variant="embedded"
        ariaLabels={{ tableLabel: 'Balance before and after' }}
        items={BALANCES.filter(([name]) => name === 'available' || before[name] !== 0 || after[name] !== 0)}
        columnDefinitions={[
          { id: 'name', header: 'Balance', isRowHeader: true, cell: ([, words]) => words },
          { id: 'before', header: 'Before', cell: ([name]) => <Number>{points(before[name])}</Number> },
          {
            id: 'change',
            header: 'Change',
            cell: ([name]) => <Number>{formatChange(after[name] - before[name], wallet.pointsDecimals)}</Number>,
          },
          { id: 'after', header: 'After', cell: ([name]) => <Number>{points(after[name])}</Number> },
        ]}
      />
      {preview.lotsBefore.length > 0 && <Lots title="Dates until now" lots={preview.lotsBefore} wallet={wallet} />}
      {preview.lots.length > 0 && (
        <Lots
          title={preview.lotsBefore.length > 0 ? 'New dates' : 'Points that move'}
          lots={preview.lots}
          wallet={wallet}
        />
      )}
    </SpaceBetween>
  )
}

function Number({ children }: { children: string }) {
  return <span className="numbers">{children}</span>
}

/** Says when fewer points move than were asked for, and why. */
function Cut({ preview, wallet }: { preview: Preview; wallet: Wallet }) {
  const { requested, cappedBy, shortfall = 0 } = preview
  const points = (number: number) => formatPoints(number, wallet.pointsDecimals)
  if (shortfall > 0) {
    return (
      <Alert type="warning" header={`${points(shortfall)} ${wallet.pointsName} cannot be taken back`}>
        These points of the credit were spent or expired. They are forgiven, and no later request takes them back.
      </Alert>
    )
  }
  if (cappedBy === null) return null
  const header =
    requested === null
      ? 'Points pay only a part'
      : `${points(preview.points)} ${wallet.pointsName} instead of ${points(requested)}`
  return (
    <Alert type="warning" header={header}>
      {causeOfCut(cappedBy, wallet)}
    </Alert>
  )
}

function Lots({ title, lots, wallet }: { title: string; lots: readonly Lot[]; wallet: Wallet }) {
  return (
    <Table
      variant="embedded"
      ariaLabels={{ tableLabel: title }}
      header={<Box variant="h3">{title}</Box>}
      items={lots}
      columnDefinitions={[
        {
          id: 'points',
          header: 'Points',
          isRowHeader: true,
          cell: (lot) => <Number>{formatPoints(lot.points, wallet.pointsDecimals)}</Number>,
        },
        { id: 'state', header: 'State', cell: (lot) => lotState[lot.state] },
        { id: 'usable', header: 'Usable', cell: (lot) => <Usable lot={lot} /> },
        { id: 'issued', header: 'Issued on', cell: (lot) => formatDate(lot.issuedOn) },
      ]}
    />
  )
}

function Usable({ lot }: { lot: Lot }) {
  const waits = lot.state === 'PENDING' && lot.activatesAt === null
  return (
    <>
      {waits && 'after an event, '}
      {lot.activatesAt && (
        <>
          from <Moment at={lot.activatesAt} />,{' '}
        </>
      )}
      {lot.expiresAt ? <Until at={lot.expiresAt} /> : waits ? 'expiry not known yet' : 'without an end'}
    </>
  )
}

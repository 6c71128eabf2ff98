import { Alert, Button, FormField, KeyValuePairs, SpaceBetween } from '@cloudscape-design/components'
import type { Card } from '../../api/cards'
import { useBalanceAt, type BalanceAsOf } from '../../api/transactions'
import type { Wallet } from '../../api/wallets'
import { endOfDay, isDay } from '../../days'
import { dateOf, formatDate, formatPoints } from '../../format'
import { DayPicker } from '../../parts/day-picker'
import { useHashQuery } from '../../routing'
import { useSession } from '../../session/session'
import { Figure } from './figures'

/** The day of the location, or none. */
export function useAsOf(): [string | undefined, (day: string | undefined) => void] {
  const [{ at }, change] = useHashQuery()
  return [at && isDay(at) ? at : undefined, (day) => change({ at: day })]
}

/** Chooses a past day, or a day ahead, whose balance the page shows. */
export function AsOfPicker() {
  const [day, choose] = useAsOf()
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="end">
      <FormField label="Balance at the end of">
        <DayPicker
          name="Day of the balance"
          value={day ?? ''}
          onChange={({ detail }) => choose(detail.value || undefined)}
        />
      </FormField>
      {day && <Button onClick={() => choose(undefined)}>Show now</Button>}
    </SpaceBetween>
  )
}

/** The card at the end of the chosen day; nothing is read without a day. */
export function useCardAsOf(card: Card) {
  const [day] = useAsOf()
  const zone = useSession().project.timeZone
  return useBalanceAt(card.walletId, card.customerId, day && endOfDay(day, zone))
}

/** The numbers of a past day as the ledger recorded them, or of a day ahead as time alone will change them. */
export function FiguresAsOf({ found, wallet }: { found: BalanceAsOf; wallet: Wallet }) {
  const zone = useSession().project.timeZone
  const figures = [
    ['Available', found.balance.available],
    ['Pending', found.balance.pending],
    ['Held', found.balance.held],
    ['Owed', found.balance.debt],
  ] as const
  return (
    <SpaceBetween size="m">
      <Alert type={found.projected ? 'warning' : 'info'} header={headerOf(found, dateOf(found.at, zone))}>
        {wordsOf(found)}
      </Alert>
      <KeyValuePairs
        columns={4}
        items={figures.map(([label, points]) => ({
          label,
          value: <Figure number={formatPoints(points, wallet.pointsDecimals)} />,
        }))}
      />
    </SpaceBetween>
  )
}

function headerOf(found: BalanceAsOf, day: string): string {
  return `${found.projected ? 'Projected for' : 'As recorded at'} the end of ${formatDate(day)}`
}

function wordsOf({ enrolled, projected, version }: BalanceAsOf): string {
  if (!enrolled) return 'The customer had no card yet.'
  if (projected) return 'The projection has only the changes by time: activations, expiries and ends of holds.'
  return version === 0 ? 'There were no transactions yet.' : `The last transaction by then is no. ${version}.`
}

import type { Card } from '../../api/cards'
import type { Wallet } from '../../api/wallets'
import { pointsCell } from '../../csv'
import { dateOf, lastUsableDay } from '../../format'
import { DownloadCsv } from '../../parts/download-csv'
import { useSession } from '../../session/session'
import { cardStatus } from '../../words/en'

interface CustomersCsvProps {
  wallet: Wallet
  /** The cards that the table shows. */
  cards: readonly Card[]
}

export function CustomersCsv({ wallet, cards }: CustomersCsvProps) {
  const zone = useSession().project.timeZone
  const points = (number: number) => pointsCell(number, wallet.pointsDecimals)
  return (
    <DownloadCsv
      name={`customers ${wallet.name}`}
      header={[
        'Customer',
        'Card',
        'Available',
        'Pending',
        'Held',
        'Next to expire',
        `Last usable day (${zone})`,
        `Enrolled (${zone})`,
      ]}
      rows={cards.map(({ customerId, status, balance, nextExpiration: next, createdAt }) => [
        customerId,
        cardStatus[status],
        points(balance.available),
        points(balance.pending),
        points(balance.held),
        next ? points(next.points) : '',
        next ? lastUsableDay(next.at, zone) : '',
        dateOf(createdAt, zone),
      ])}
    />
  )
}

import { Box, Table } from '@cloudscape-design/components'
import type { Card } from '../../api/cards'
import type { Wallet } from '../../api/wallets'
import { HoldActions } from '../../movements/hold-actions'
import { Moment } from '../../parts/moment'
import { Points } from '../../parts/points'

export function Holds({ card, wallet, movable }: { card: Card; wallet: Wallet; movable: boolean }) {
  return (
    <Table
      ariaLabels={{ tableLabel: 'Holds' }}
      items={card.holds}
      trackBy="holdId"
      empty={<Box>No points are held. A hold reserves points until they are captured or released.</Box>}
      columnDefinitions={[
        {
          id: 'points',
          header: 'Points',
          isRowHeader: true,
          cell: (hold) => <Points points={hold.points} decimals={wallet.pointsDecimals} />,
        },
        { id: 'until', header: 'Released on', cell: (hold) => <Moment at={hold.expiresAt} /> },
        {
          id: 'actions',
          header: 'Actions',
          cell: (hold) => movable && <HoldActions hold={hold} card={card} wallet={wallet} />,
        },
      ]}
    />
  )
}

import { Box, Table } from '@cloudscape-design/components'
import type { Card } from '../../api/cards'
import type { Wallet } from '../../api/wallets'
import { formatDate } from '../../format'
import { LotActions } from '../../movements/lot-actions'
import { Moment } from '../../parts/moment'
import { Points } from '../../parts/points'
import { Until } from '../../parts/until'
import { lotState } from '../../words/en'

export function Lots({ card, wallet, movable }: { card: Card; wallet: Wallet; movable: boolean }) {
  return (
    <Table
      ariaLabels={{ tableLabel: 'Lots' }}
      items={card.lots}
      empty={<Box>No points. Credits make lots: points that share expiry and issue day.</Box>}
      columnDefinitions={[
        {
          id: 'points',
          header: 'Points',
          isRowHeader: true,
          cell: (lot) => <Points points={lot.points} decimals={wallet.pointsDecimals} />,
        },
        { id: 'state', header: 'State', cell: (lot) => lotState[lot.state] },
        {
          id: 'usable',
          header: 'Usable',
          cell: (lot) => (
            <>
              {lot.activatesAt && (
                <>
                  from <Moment at={lot.activatesAt} />{' '}
                </>
              )}
              {lot.expiresAt ? <Until at={lot.expiresAt} /> : 'without an end'}
            </>
          ),
        },
        { id: 'issued', header: 'Issued on', cell: (lot) => formatDate(lot.issuedOn) },
        {
          id: 'actions',
          header: 'Actions',
          cell: (lot) => movable && <LotActions lot={lot} card={card} wallet={wallet} />,
        },
      ]}
    />
  )
}

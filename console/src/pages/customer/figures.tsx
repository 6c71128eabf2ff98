import { Box, KeyValuePairs } from '@cloudscape-design/components'
import type { ReactNode } from 'react'
import type { Card } from '../../api/cards'
import type { Wallet } from '../../api/wallets'
import { formatPoints } from '../../format'
import { Moment } from '../../parts/moment'
import { Until } from '../../parts/until'

/** The numbers of a card: what can be spent, what cannot yet, and what ends next. Only some wallets have debts. */
export function Figures({ card, wallet }: { card: Card; wallet: Wallet }) {
  const points = (number: number) => formatPoints(number, wallet.pointsDecimals)
  const { balance, nextActivation, nextExpiration, holds } = card
  const firstHold = holds.toSorted((one, other) => one.expiresAt.localeCompare(other.expiresAt))[0]
  return (
    <KeyValuePairs
      columns={4}
      items={[
        { label: 'Available', value: <Figure number={points(balance.available)} note={wallet.pointsName} /> },
        {
          label: 'Pending',
          value: (
            <Figure
              number={points(balance.pending)}
              note={
                nextActivation && (
                  <>
                    {points(nextActivation.points)} on <Moment at={nextActivation.at} />
                  </>
                )
              }
            />
          ),
        },
        {
          label: 'Held',
          value: (
            <Figure
              number={points(balance.held)}
              note={
                firstHold && (
                  <>
                    {points(firstHold.points)} until <Moment at={firstHold.expiresAt} />
                  </>
                )
              }
            />
          ),
        },
        ...(wallet.allowNegativeBalance || balance.debt > 0
          ? [{ label: 'Owed', value: <Figure number={points(balance.debt)} /> }]
          : []),
        {
          label: 'Next to expire',
          value: nextExpiration ? (
            <Figure number={points(nextExpiration.points)} note={<Until at={nextExpiration.at} />} />
          ) : (
            <Figure number="–" note="No date" />
          ),
        },
      ]}
    />
  )
}

export function Figure({ number, note }: { number: string; note?: ReactNode }) {
  return (
    <>
      <Box variant="span" fontSize="heading-l" fontWeight="bold">
        <span className="numbers">{number}</span>
      </Box>
      {note && (
        <Box variant="small" display="block" color="text-body-secondary">
          {note}
        </Box>
      )}
    </>
  )
}

import { Box, ExpandableSection, KeyValuePairs, Link, SpaceBetween, Table } from '@cloudscape-design/components'
import { useEffect, type ReactNode } from 'react'
import { useExplanation, type Explanation } from '../../api/transactions'
import type { Wallet } from '../../api/wallets'
import { formatInstant, formatPoints } from '../../format'
import { Copyable } from '../../parts/copyable'
import { Moment } from '../../parts/moment'
import { Read } from '../../parts/page'
import { to, useHashQuery } from '../../routing'
import { useSession } from '../../session/session'
import { useShell } from '../../shell/shell-context'
import { wordsOf } from '../../words/en'

const INSTANT = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g

/** Explains the transaction of the location in the panel at the side. */
export function useExplanationPanel(wallet: Wallet): void {
  const [{ explain: transactionId }, change] = useHashQuery()
  const { showDetails } = useShell()
  useEffect(() => {
    if (!transactionId) return
    const seq = transactionId.split('.').at(-1)
    showDetails({
      header: `Transaction ${seq} explained`,
      content: <ExplanationOf transactionId={transactionId} wallet={wallet} />,
      onClose: () => change({ explain: undefined }),
    })
    return () => showDetails(null)
  }, [transactionId, wallet, showDetails, change])
}

function ExplanationOf({ transactionId, wallet }: { transactionId: string; wallet: Wallet }) {
  const explanation = useExplanation(transactionId)
  return <Read query={explanation}>{(found) => <Explained explanation={found} wallet={wallet} />}</Read>
}

function Explained({ explanation, wallet }: { explanation: Explanation; wallet: Wallet }) {
  const zone = useSession().project.timeZone
  const points = (number: number) => formatPoints(number, wallet.pointsDecimals)
  const inZone = (text: string) => text.replace(INSTANT, (instant) => formatInstant(instant, zone))
  const { transaction, before, lots, dates, limits, refund } = explanation
  return (
    <SpaceBetween size="l">
      <Box variant="p" fontSize="heading-s">
        {inZone(explanation.text)}
      </Box>
      {wallet.pointsDecimals > 0 && (
        <Box variant="small">
          These texts count in the smallest unit: {10 ** wallet.pointsDecimals} is {points(10 ** wallet.pointsDecimals)}{' '}
          {wallet.pointsName}.
        </Box>
      )}
      <KeyValuePairs
        columns={2}
        items={[
          { label: 'Transaction', value: <Copyable text={transaction.transactionId} what="transaction's id" /> },
          { label: 'Recorded', value: <Moment at={transaction.createdAt} /> },
          {
            label: 'Available before',
            value: <span className="numbers">{points(before.balance.available)}</span>,
          },
          {
            label: 'Available after',
            value: <span className="numbers">{points(transaction.balanceAfter.available)}</span>,
          },
          {
            label: 'Settings',
            value: (
              <Link href={`#${to.wallet(wallet.walletId, 'versions')}`}>
                {wallet.name}, version {explanation.wallet.version}
              </Link>
            ),
          },
        ]}
      />
      {lots.length > 0 && (
        <Rules title="Lots">
          {lots.map(({ lot, rule, text }, place) => (
            <Rule key={place} rule={rule}>
              <strong className="numbers">{points(lot.points)}</strong>: {inZone(text)}
            </Rule>
          ))}
        </Rules>
      )}
      {dates.length > 0 && (
        <Rules title="Dates">
          {dates.map((date, place) => (
            <Rule key={place} rule={date.rule}>
              <strong className="numbers">{points(date.points)}</strong>: {inZone(date.text)}
            </Rule>
          ))}
        </Rules>
      )}
      {limits.length > 0 && <Limits limits={limits} points={points} inZone={inZone} />}
      {refund && (
        <Rules title="Refund">
          <li>{inZone(refund.text)}</li>
        </Rules>
      )}
      <ExpandableSection headerText="Settings and transaction as JSON" variant="footer">
        <pre className="json">{JSON.stringify({ settings: explanation.wallet.settings, transaction }, null, 2)}</pre>
      </ExpandableSection>
    </SpaceBetween>
  )
}

function Rules({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Box variant="h3">{title}</Box>
      <ul>{children}</ul>
    </div>
  )
}

/** One reason; the setting that gave it is `request` if the caller decided. */
function Rule({ rule, children }: { rule: string; children: ReactNode }) {
  return (
    <li>
      {children}
      <Box variant="small" display="block">
        {rule === 'request' ? 'Decided by the request' : `Setting ${rule}`}
      </Box>
    </li>
  )
}

interface LimitsProps {
  limits: Explanation['limits']
  points: (number: number) => string
  inZone: (text: string) => string
}

function Limits({ limits, points, inZone }: LimitsProps) {
  return (
    <Table
      variant="borderless"
      wrapLines
      ariaLabels={{ tableLabel: 'Limits' }}
      header={<Box variant="h3">Limits</Box>}
      items={limits}
      columnDefinitions={[
        { id: 'limit', header: 'Limit', isRowHeader: true, cell: ({ text }) => inZone(text) },
        { id: 'room', header: 'Room', cell: ({ room }) => <span className="numbers">{points(room)}</span> },
        {
          id: 'effect',
          header: 'Effect',
          cell: ({ cut, whenExceeded }) => (cut ? 'Reduced the points' : `None. Above it: ${wordsOf(whenExceeded)}`),
        },
      ]}
    />
  )
}

import { Box, ExpandableSection, KeyValuePairs, Link, SpaceBetween, Table } from '@cloudscape-design/components'
import type { ReactNode } from 'react'
import { useExplanation, type Explanation } from '../../api/transactions'
import type { Wallet } from '../../api/wallets'
import { formatInstant, formatPoints } from '../../format'
import { Copyable } from '../../parts/copyable'
import { Moment } from '../../parts/moment'
import { Actor, useCampaignName } from '../../parts/names'
import { Read } from '../../parts/page'
import { to } from '../../routing'
import { useSession } from '../../session/session'
import { limitInWords, wordsOf } from '../../words/en'
import { fullLabelOf } from '../../words/wallet-settings'

const INSTANT = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g

/** The explanation of a transaction by the API: what happened, and by which rule. */
export default function ExplanationOf({ transactionId, wallet }: { transactionId: string; wallet: Wallet }) {
  const explanation = useExplanation(transactionId)
  return <Read query={explanation}>{(found) => <Explained explanation={found} wallet={wallet} />}</Read>
}

function Explained({ explanation, wallet }: { explanation: Explanation; wallet: Wallet }) {
  const zone = useSession().project.timeZone
  const points = (number: number) => formatPoints(number, wallet.pointsDecimals)
  const campaignName = useCampaignName()
  const { transaction, before, lots, dates, limits, refund } = explanation
  const inWords = (text: string) => text.replace(INSTANT, (instant) => formatInstant(instant, zone))
  const cause = transaction.cappedBy
  return (
    <SpaceBetween size="l">
      <Box variant="p" fontSize="heading-s">
        {inWords(cause ? explanation.text.replace(`${cause} cut`, `${limitInWords(cause)} cut`) : explanation.text)}
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
          {
            label: 'By',
            value: (
              <>
                <Actor id={transaction.actor} />{' '}
                {transaction.actor && <Copyable text={transaction.actor} what="actor's id" iconOnly />}
              </>
            ),
          },
          ...(transaction.campaignId ? [{ label: 'Campaign', value: campaignName(transaction.campaignId) }] : []),
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
              <strong className="numbers">{points(lot.points)}</strong>: {inWords(text)}
            </Rule>
          ))}
        </Rules>
      )}
      {dates.length > 0 && (
        <Rules title="Dates">
          {dates.map((date, place) => (
            <Rule key={place} rule={date.rule}>
              <strong className="numbers">{points(date.points)}</strong>: {inWords(date.text)}
            </Rule>
          ))}
        </Rules>
      )}
      {limits.length > 0 && <Limits limits={limits} points={points} inWords={inWords} />}
      {refund && (
        <Rules title="Refund">
          <li>{inWords(refund.text)}</li>
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
        {rule === 'request' ? 'Decided by the request' : `Setting “${fullLabelOf(rule)}”`}
      </Box>
    </li>
  )
}

interface LimitsProps {
  limits: Explanation['limits']
  points: (number: number) => string
  inWords: (text: string) => string
}

function Limits({ limits, points, inWords }: LimitsProps) {
  return (
    <Table
      variant="borderless"
      wrapLines
      ariaLabels={{ tableLabel: 'Limits' }}
      header={<Box variant="h3">Limits</Box>}
      items={limits}
      columnDefinitions={[
        {
          id: 'limit',
          header: 'Limit',
          isRowHeader: true,
          cell: ({ limit, text }) => inWords(text.replace(limit, sentenceStart(limit))),
        },
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

function sentenceStart(limit: string): string {
  return limitInWords(limit).replace(/^[a-z]/, (letter) => letter.toUpperCase())
}

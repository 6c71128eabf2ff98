import { Container, Header, SpaceBetween, Tabs, type TabsProps } from '@cloudscape-design/components'
import type { Card } from '../../api/cards'
import { useTiers } from '../../api/customers'
import { useVerification } from '../../api/transactions'
import type { Wallet } from '../../api/wallets'
import { formatPoints } from '../../format'
import { CardActions } from '../../movements/card-actions'
import { CardStatusMenu } from '../../movements/card-status-menu'
import { CardStatus } from '../../parts/card-status'
import { Copyable } from '../../parts/copyable'
import { Read } from '../../parts/page'
import { useHashQuery } from '../../routing'
import { Allowed, useSession } from '../../session/session'
import { AsOfPicker, FiguresAsOf, useAsOf, useCardAsOf } from './as-of'
import { useExplanationPanel } from './explanation'
import { Figures } from './figures'
import { Holds } from './holds'
import { Lots } from './lots'
import { Orders } from './orders'
import { allLots, PointsByMonth } from './points-by-month'
import { Profile } from './profile'
import { Rewards } from './rewards'
import { Tiers } from './tiers'
import { Timeline } from './timeline'
import { VerificationResult, VerifyButton } from './verification'

interface Props {
  card: Card
  wallet: Wallet
  wallets: readonly Wallet[]
}

/** One card in full: its numbers, until when they can be used, and how they came about. */
export function CardView({ card, wallet, wallets }: Props) {
  const [query, change] = useHashQuery()
  const { may } = useSession()
  const verification = useVerification(card.walletId, card.customerId)
  const [day] = useAsOf()
  const asOf = useCardAsOf(card)
  useExplanationPanel(wallet)
  const verified = verification.data?.valid !== false
  const shown = { card, wallet, movable: verified }
  const holds = card.holds.length > 0 ? ` (${card.holds.length})` : ''
  return (
    <SpaceBetween size="l">
      <VerificationResult card={card} />
      <Container
        header={
          <Header
            variant="h2"
            description={<Identity card={card} />}
            actions={
              verified && (
                <SpaceBetween direction="horizontal" size="xs">
                  <CardStatusMenu card={card} wallet={wallet} />
                  <CardActions card={card} wallet={wallet} verified />
                </SpaceBetween>
              )
            }
          >
            {wallet.name}
          </Header>
        }
        footer={<AsOfPicker />}
      >
        {day ? (
          <Read query={asOf}>{(found) => <FiguresAsOf found={found} wallet={wallet} />}</Read>
        ) : (
          <Figures card={card} wallet={wallet} />
        )}
      </Container>
      <PointsByMonth lots={day ? (asOf.data?.lots ?? []) : allLots(card)} wallet={wallet} />
      <Tabs
        variant="container"
        ariaLabel="Details of the card"
        activeTabId={query.tab ?? 'timeline'}
        onChange={({ detail }) => change({ tab: detail.activeTabId })}
        tabs={[
          { id: 'timeline', label: 'Timeline', content: <Timeline {...shown} /> },
          { id: 'orders', label: 'Orders', content: <Orders card={card} wallet={wallet} /> },
          { id: 'lots', label: 'Lots', content: <Lots {...shown} /> },
          { id: 'holds', label: `Holds${holds}`, content: <Holds {...shown} /> },
          ...tabs(may('customers:read'), {
            id: 'tiers',
            label: 'Tiers',
            content: <Tiers customerId={card.customerId} wallets={wallets} />,
          }),
          ...tabs(may('customers:read') || may('rewards:read'), {
            id: 'rewards',
            label: 'Rewards',
            content: <Rewards customerId={card.customerId} wallets={wallets} />,
          }),
          { id: 'profile', label: 'Profile', content: <Profile card={card} /> },
        ]}
      />
    </SpaceBetween>
  )
}

/** A tab for those who may read its content. */
function tabs(readable: boolean, tab: TabsProps.Tab): TabsProps.Tab[] {
  return readable ? [tab] : []
}

function Identity({ card }: { card: Card }) {
  return (
    <SpaceBetween direction="horizontal" size="m">
      <span>
        Card <Copyable text={card.code} what="card's code" />
      </span>
      <CardStatus status={card.status} />
      {card.tiers.length > 0 && (
        <Allowed scope="customers:read">
          <TiersInWords card={card} />
        </Allowed>
      )}
      <VerifyButton card={card} />
    </SpaceBetween>
  )
}

/** "Silver Leaf, 1,950 to Golden Leaf", for each program of this wallet. */
function TiersInWords({ card }: { card: Card }) {
  const tiers = useTiers(card.customerId)
  const here = tiers.data?.filter(({ walletId }) => walletId === card.walletId) ?? []
  return here.map(({ programId, tier, next }) => (
    <span key={programId}>
      {tier?.name ?? 'No tier'}
      {next && next.missing > 0 && `, ${formatPoints(next.missing)} to ${next.name}`}
    </span>
  ))
}

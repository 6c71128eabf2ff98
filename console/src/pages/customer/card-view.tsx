import { Container, Header, SpaceBetween, StatusIndicator, Tabs } from '@cloudscape-design/components'
import type { Card } from '../../api/cards'
import { useVerification } from '../../api/transactions'
import type { Wallet } from '../../api/wallets'
import { CardActions } from '../../movements/card-actions'
import { CardStatusMenu } from '../../movements/card-status-menu'
import { Copyable } from '../../parts/copyable'
import { useHashQuery } from '../../routing'
import { cardStatus } from '../../words/en'
import { Figures } from './figures'
import { Holds } from './holds'
import { Lots } from './lots'
import { Timeline } from './timeline'

export function CardView({ card, wallet }: { card: Card; wallet: Wallet }) {
  const [query, change] = useHashQuery()
  const verification = useVerification(card.walletId, card.customerId)
  const shown = { card, wallet }
  return (
    <>
      <Container
        header={
          <Header
            variant="h2"
            description={<CardIdentity {...shown} />}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <CardStatusMenu {...shown} />
                <CardActions {...shown} verified={verification.data?.valid !== false} />
              </SpaceBetween>
            }
          >
            {wallet.name}
          </Header>
        }
      >
        <Figures {...shown} />
      </Container>
      <Tabs
        activeTabId={query.tab ?? 'timeline'}
        onChange={({ detail }) => change({ tab: detail.activeTabId })}
        tabs={[
          { id: 'timeline', label: 'Timeline', content: <Timeline {...shown} /> },
          { id: 'lots', label: 'Lots', content: <Lots {...shown} /> },
          { id: 'holds', label: 'Holds', content: <Holds {...shown} /> },
        ]}
      />
    </>
  )
}

function CardIdentity({ card }: { card: Card }) {
  const type = { ACTIVE: 'success', BLOCKED: 'error', FROZEN: 'warning', CLOSED: 'stopped' } as const
  return (
    <SpaceBetween direction="horizontal" size="m">
      <span>
        Card <Copyable text={card.code} what="card's code" />
      </span>
      <StatusIndicator type={type[card.status]}>{cardStatus[card.status]}</StatusIndicator>
    </SpaceBetween>
  )
}

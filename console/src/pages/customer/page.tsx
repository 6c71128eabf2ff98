import { Box, Button, ButtonDropdown, SegmentedControl, SpaceBetween } from '@cloudscape-design/components'
import { useParams } from 'wouter'
import { useCustomerCards, type Card } from '../../api/cards'
import { nameOfWallet, useWallets, type Wallet } from '../../api/wallets'
import { Copyable } from '../../parts/copyable'
import { Page, Read } from '../../parts/page'
import { idOf, to, useHashQuery } from '../../routing'
import { Allowed } from '../../session/session'
import { useOnline } from '../../shell/offline'
import { useShell } from '../../shell/shell-context'
import { EnrolDialog } from '../wallet/enrol-dialog'
import { CardView } from './card-view'

/** One customer: the cards of all wallets, one of them in full. */
export default function CustomerPage() {
  const customerId = idOf(useParams<{ id: string }>().id)
  const cards = useCustomerCards(customerId)
  const wallets = useWallets()
  return (
    <Page
      title={customerId}
      path={[{ text: 'Customers', href: to.customers() }]}
      info={<Copyable text={customerId} what="customer's id" iconOnly />}
      actions={
        <Allowed scope="cards:write">
          <EnrolMenu customerId={customerId} cards={cards.data ?? []} wallets={wallets.data ?? []} />
        </Allowed>
      }
    >
      <Read query={cards}>
        {(found) => <Read query={wallets}>{(all) => <Cards cards={found} wallets={all} />}</Read>}
      </Read>
    </Page>
  )
}

function Cards({ cards, wallets }: { cards: Card[]; wallets: Wallet[] }) {
  const [query, change] = useHashQuery()
  const card = cards.find(({ walletId }) => walletId === query.wallet) ?? cards[0]
  const wallet = wallets.find(({ walletId }) => walletId === card?.walletId)
  if (!card || !wallet) return <NoCard />
  return (
    <SpaceBetween size="l">
      {cards.length > 1 && (
        <SegmentedControl
          label="Wallet"
          selectedId={card.walletId}
          options={cards.map(({ walletId }) => ({ id: walletId, text: nameOfWallet(walletId, wallets) }))}
          onChange={({ detail }) => change({ wallet: detail.selectedId })}
        />
      )}
      <CardView key={card.cardId} card={card} wallet={wallet} wallets={wallets} />
    </SpaceBetween>
  )
}

interface EnrolMenuProps {
  customerId: string
  cards: readonly Card[]
  wallets: readonly Wallet[]
}

/** The active wallets in which the customer has no card yet. */
function EnrolMenu({ customerId, cards, wallets }: EnrolMenuProps) {
  const online = useOnline()
  const { openDialog } = useShell()
  const others = wallets.filter(
    ({ walletId, status }) => status === 'ACTIVE' && !cards.some((card) => card.walletId === walletId),
  )
  if (others.length === 0) return null
  return (
    <ButtonDropdown
      disabled={!online}
      disabledReason="You are offline."
      items={others.map(({ walletId, name }) => ({ id: walletId, text: name }))}
      onItemClick={({ detail }) => {
        const wallet = others.find(({ walletId }) => walletId === detail.id)
        if (wallet) openDialog((close) => <EnrolDialog wallet={wallet} customerId={customerId} onClose={close} />)
      }}
    >
      Enrol in a wallet
    </ButtonDropdown>
  )
}

function NoCard() {
  return (
    <Box textAlign="center" padding="l">
      <Box variant="p">This customer has no card in any wallet.</Box>
      <Button href={`#${to.customers()}`}>Find a customer</Button>
    </Box>
  )
}

import { Box, Header, SpaceBetween, Table } from '@cloudscape-design/components'
import { useRewardNames } from '../../api/names'
import { useEntitlements, useRedemptions, type Entitlement, type RewardRedemption } from '../../api/rewards'
import type { Wallet } from '../../api/wallets'
import { formatPoints } from '../../format'
import { LoadMore } from '../../parts/load-more'
import { Moment } from '../../parts/moment'
import { ProblemAlert } from '../../parts/problem-alert'
import { Until } from '../../parts/until'
import { Allowed } from '../../session/session'
import { redemptionStatus, rewardKind } from '../../words/en'

interface Props {
  customerId: string
  wallets: readonly Wallet[]
}

/** What the customer redeemed, and the rights that the customer has from redemptions and tiers. */
export function Rewards({ customerId, wallets }: Props) {
  return (
    <SpaceBetween size="l">
      <Allowed scope="rewards:read">
        <Redemptions customerId={customerId} wallets={wallets} />
      </Allowed>
      <Allowed scope="customers:read">
        <Entitlements customerId={customerId} />
      </Allowed>
    </SpaceBetween>
  )
}

function Redemptions({ customerId, wallets }: Props) {
  const redemptions = useRedemptions(customerId)
  const names = useRewardNames(true)
  const points = ({ walletId, points: number }: RewardRedemption['price'][number]) => {
    const wallet = wallets.find((one) => one.walletId === walletId)
    return `${formatPoints(number, wallet?.pointsDecimals)} ${wallet?.pointsName ?? 'points'}`
  }
  if (redemptions.error) {
    return <ProblemAlert problem={redemptions.error} onRetry={() => void redemptions.refetch()} />
  }
  return (
    <Table
      ariaLabels={{ tableLabel: 'Redeemed rewards' }}
      variant="borderless"
      wrapLines
      header={<Header variant="h3">Redeemed rewards</Header>}
      loading={redemptions.isPending}
      loadingText="Loading redemptions"
      items={redemptions.data?.pages.flatMap((page) => page.data) ?? []}
      trackBy="redemptionId"
      empty={<Box>The customer has redeemed no reward. Rewards take points from one or more wallets.</Box>}
      footer={redemptions.hasNextPage && <LoadMore pages={redemptions} />}
      columnDefinitions={[
        { id: 'at', header: 'Redeemed', minWidth: 130, cell: ({ createdAt }) => <Moment at={createdAt} /> },
        {
          id: 'reward',
          header: 'Reward',
          isRowHeader: true,
          cell: ({ rewardId, kind }) => (
            <>
              {names.get(rewardId) ?? rewardId}
              <Box variant="small" display="block">
                {rewardKind[kind]}
              </Box>
            </>
          ),
        },
        { id: 'price', header: 'Price', cell: ({ price }) => price.map(points).join(', ') || 'Free' },
        {
          id: 'got',
          header: 'Received',
          cell: (redemption) => <Received redemption={redemption} points={points} />,
        },
        {
          id: 'status',
          header: 'Status',
          cell: ({ status, fulfilledAt, canceledAt }) => {
            const since = canceledAt ?? fulfilledAt
            return (
              <>
                {redemptionStatus[status]}
                {since && (
                  <Box variant="small" display="block">
                    <Moment at={since} />
                  </Box>
                )}
              </>
            )
          },
        },
      ]}
    />
  )
}

interface ReceivedProps {
  redemption: RewardRedemption
  points: (price: RewardRedemption['price'][number]) => string
}

function Received({ redemption, points }: ReceivedProps) {
  const { product, code, credit, entitlement, entitledUntil } = redemption
  if (product) return <>{product.sku ? `${product.productId}, ${product.sku}` : product.productId}</>
  if (code !== null) return <>Code {code}</>
  if (credit) return <>{points(credit)}</>
  if (entitlement === null) return <>–</>
  return (
    <>
      {entitlement} {entitledUntil ? <Until at={entitledUntil} /> : 'without an end'}
    </>
  )
}

function Entitlements({ customerId }: { customerId: string }) {
  const entitlements = useEntitlements(customerId)
  if (entitlements.error) {
    return <ProblemAlert problem={entitlements.error} onRetry={() => void entitlements.refetch()} />
  }
  return (
    <Table
      ariaLabels={{ tableLabel: 'Rights' }}
      variant="borderless"
      wrapLines
      header={<Header variant="h3">Rights</Header>}
      loading={entitlements.isPending}
      loadingText="Loading rights"
      items={entitlements.data ?? []}
      trackBy={({ source, id, key }) => `${source} ${id} ${key}`}
      empty={<Box>The customer has no rights. Rewards and tiers give rights, such as free shipping.</Box>}
      columnDefinitions={[
        { id: 'key', header: 'Right', isRowHeader: true, cell: ({ key }) => key },
        { id: 'source', header: 'From', cell: (right) => originOf(right) },
        { id: 'since', header: 'Since', cell: ({ since }) => (since ? <Moment at={since} /> : 'The beginning') },
        {
          id: 'until',
          header: 'Usable',
          cell: ({ until }) => (until ? <Until at={until} /> : 'without an end'),
        },
      ]}
    />
  )
}

function originOf({ source, id, programId }: Entitlement): string {
  return source === 'TIER' ? `Tier ${id} of program ${programId ?? ''}` : 'A redeemed reward'
}

import { Box, Container, Header, KeyValuePairs, ProgressBar, SpaceBetween } from '@cloudscape-design/components'
import { useTiers, type ProgramTier } from '../../api/customers'
import type { Wallet } from '../../api/wallets'
import { formatPoints, formatUntil } from '../../format'
import { Moment } from '../../parts/moment'
import { Read } from '../../parts/page'
import { Until } from '../../parts/until'
import { useSession } from '../../session/session'

/** The customer's tiers in the programs of this wallet and of others. */
export function Tiers({ customerId, wallets }: { customerId: string; wallets: readonly Wallet[] }) {
  const tiers = useTiers(customerId)
  return (
    <Read query={tiers}>
      {(found) =>
        found.length === 0 ? (
          <Box>No program gives tiers here. A program with a tier structure reads the points of one wallet.</Box>
        ) : (
          <SpaceBetween size="l">
            {found.map((tier) => (
              <Tier key={tier.programId} tier={tier} wallet={wallets.find((one) => one.walletId === tier.walletId)} />
            ))}
          </SpaceBetween>
        )
      }
    </Read>
  )
}

function Tier({ tier, wallet }: { tier: ProgramTier; wallet: Wallet | undefined }) {
  const points = (number: number) => formatPoints(number, wallet?.pointsDecimals)
  const zone = useSession().project.timeZone
  const { next, keep, benefits } = tier
  return (
    <Container
      header={
        <Header variant="h3" description={`Program ${tier.programId}, points of ${wallet?.name ?? tier.walletId}`}>
          {tier.calculating ? 'Being calculated' : (tier.tier?.name ?? 'No tier')}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {next && (
          <ProgressBar
            label={`To ${next.name}`}
            description={`${points(tier.points)} of ${points(next.from)} points`}
            additionalInfo={next.missing > 0 ? `${points(next.missing)} missing` : 'From the end of the period'}
            value={Math.min(100, Math.floor((tier.points / next.from) * 100))}
          />
        )}
        <KeyValuePairs
          columns={4}
          items={[
            { label: 'Points that count', value: points(tier.points) },
            { label: 'Since', value: tier.tier?.since ? <Moment at={tier.tier.since} day /> : '–' },
            { label: 'Valid at least', value: tier.tier?.until ? <Until at={tier.tier.until} /> : 'without an end' },
            {
              label: 'To keep the tier',
              value: keep
                ? keep.missing > 0
                  ? `${points(keep.missing)} more points by ${formatUntil(keep.by, zone)}`
                  : 'Enough points'
                : '–',
            },
            { label: 'Factor for campaigns', value: benefits?.multiplier ?? '–' },
            { label: 'Rights', value: benefits?.entitlements.join(', ') || '–' },
            ...Object.entries(benefits?.metadata ?? {}).map(([label, value]) => ({
              label,
              value: JSON.stringify(value),
            })),
          ]}
        />
      </SpaceBetween>
    </Container>
  )
}

import { Box, KeyValuePairs, SpaceBetween, StatusIndicator } from '@cloudscape-design/components'
import type { OrderRefund } from '../../api/orders'
import { decimalsOfWallet, nameOfWallet, type Wallet } from '../../api/wallets'
import { formatMoney, formatPoints } from '../../format'

interface RefundEffectProps {
  refund: OrderRefund
  currency: string
  wallets: readonly Wallet[]
}

/** What a refund does or did: first the money to pay back, which the agent needs, then the points of each wallet. */
export function RefundEffect({ refund, currency, wallets }: RefundEffectProps) {
  return (
    <SpaceBetween size="m">
      <div>
        <Box variant="awsui-key-label">Pay back in money</Box>
        <Box variant="awsui-value-large">
          {refund.moneyAmount === null
            ? 'The amount of the order is unknown'
            : formatMoney(refund.moneyAmount, currency)}
        </Box>
      </div>
      {refund.wallets.map((effect) => {
        const points = (value: number) => formatPoints(value, decimalsOfWallet(effect.walletId, wallets))
        const { revoked, returned } = effect
        return (
          <div key={`${effect.walletId} ${effect.customerId}`}>
            <KeyValuePairs
              columns={3}
              items={[
                {
                  label: `Wallet of ${effect.customerId}`,
                  value: nameOfWallet(effect.walletId, wallets),
                },
                { label: 'Points revoked', value: points(revoked.points) },
                { label: 'Points returned', value: points(returned.points) },
                { label: 'Available afterwards', value: points(effect.balance.available) },
              ]}
            />
            {revoked.shortfall > 0 && (
              <StatusIndicator type="warning">
                {points(revoked.shortfall)} points cannot be revoked, because they are already spent or held.
              </StatusIndicator>
            )}
            {revoked.expired > 0 && (
              <StatusIndicator type="info">
                {points(revoked.expired)} earned points expired unspent and are not revoked.
              </StatusIndicator>
            )}
            {returned.keptExpired > 0 && (
              <StatusIndicator type="info">
                {points(returned.keptExpired)} of the returned points expired in the meantime and stay expired.
              </StatusIndicator>
            )}
            {effect.pointsShareWithheld > 0 && (
              <StatusIndicator type="info">
                {formatMoney(effect.pointsShareWithheld, currency)} were paid with points and are given back neither in
                points nor in money, as the wallet’s settings decide.
              </StatusIndicator>
            )}
          </div>
        )
      })}
      {refund.skipped.map(({ walletId, customerId, code, pointsShare }) => (
        <StatusIndicator key={`${walletId} ${customerId}`} type="warning">
          The card of {customerId} in {nameOfWallet(walletId, wallets)} is left out, because it is{' '}
          {code === 'card_closed' ? 'closed' : 'frozen. A later refund of the order includes it'}.
          {pointsShare > 0 && ` ${formatMoney(pointsShare, currency)} of the amount were paid with its points.`}
        </StatusIndicator>
      ))}
    </SpaceBetween>
  )
}

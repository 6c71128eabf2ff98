import type { Wallet } from '../api/wallets'
import { formatPoints } from '../format'

interface Limit {
  type?: string
  unit?: string | null
  max?: number | null
  maxPoints?: number | null
}

/** Says in words why fewer points move than were asked for, from the API's `cappedBy`. */
export function causeOfCut(cappedBy: string, wallet: Wallet): string {
  const limit = limitOf(cappedBy, wallet)
  const max = limit.max ?? limit.maxPoints
  const most =
    max == null ? 'a limited number of points' : `${formatPoints(max, wallet.pointsDecimals)} ${wallet.pointsName}`
  switch (cappedBy) {
    case 'balance':
      return 'The card has no more points for it.'
    case 'CARD_BALANCE':
      return 'The card has no more points to pay with.'
    case 'POINTS_LIMIT':
      return 'The maximum number of points that you entered is reached.'
    case 'AMOUNT_LIMIT':
      return 'The maximum amount that you entered is reached.'
    case 'earningLimits.transaction':
      return `The wallet allows at most ${most} in one credit.`
    case 'spendingLimits.transaction':
      return `The wallet allows at most ${most} in one debit or payment.`
    case 'earningLimits.global':
      return limit.type === 'BALANCE_BASED'
        ? `The wallet allows a balance of at most ${most}.`
        : `The wallet allows each customer to earn at most ${most} ${period(limit)}.`
    case 'spendingLimits.global':
      return limit.type === 'SPENDING_BASED'
        ? `The wallet allows each customer to spend at most ${most} altogether.`
        : `The wallet allows each customer to spend at most ${most} ${period(limit)}.`
    default:
      return `The setting ${cappedBy} allows no more.`
  }
}

function limitOf(path: string, wallet: Wallet): Limit {
  const [group, name] = path.split('.')
  const isLimit = group === 'earningLimits' || group === 'spendingLimits'
  return isLimit && (name === 'global' || name === 'transaction') ? wallet[group][name] : {}
}

function period({ unit }: Limit): string {
  return unit ? `in a calendar ${unit.toLowerCase()}` : 'in a period'
}

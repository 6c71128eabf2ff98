/** A wallet's settings in sentences, step by step. A draft may be incomplete: what is missing is named as such. */
import type { components } from '../api/openapi'
import { isObject } from '../forms/document'
import { count, currencyDigits, formatMoney, LANGUAGE } from '../format'
import { annualDateWords, listed, monthWords, periodWords, pointsWords } from './setting-values'
import { charsetLabels, type StepName } from './wallet-settings'

type Schemas = components['schemas']
type Groups = Required<
  Pick<
    Schemas['WalletCreateRequest'],
    | 'code'
    | 'expiration'
    | 'pending'
    | 'earningLimits'
    | 'spendingLimits'
    | 'payWithPoints'
    | 'transfers'
    | 'refunds'
    | 'notices'
  >
>
/** What the sentences need of a wallet. Answers leave out settings that are not set. */
type Settings = { readonly [Group in keyof Groups]: Partial<NonNullable<Groups[Group]>> } & Pick<
  Schemas['Wallet'],
  | 'pointsName'
  | 'allowNegativeBalance'
  | 'negativeLimit'
  | 'pointsDecimals'
  | 'pointValue'
  | 'autoEnrol'
  | 'currency'
  | 'metadata'
> & { readonly consumptionOrder: Schemas['ConsumptionOrder'] }

export interface StepSentences {
  step: StepName
  sentences: string[]
}

export function walletSentences(wallet: Schemas['Wallet']): StepSentences[] {
  // The API types the groups of an answer as open objects; their shape is that of the request.
  const settings = wallet as unknown as Settings
  const steps: readonly [StepName, (settings: Settings) => (string | false)[]][] = [
    ['general', general],
    ['code', code],
    ['expiration', expiration],
    ['pending', pending],
    ['earningLimits', earningLimits],
    ['spendingLimits', spendingLimits],
    ['payWithPoints', payWithPoints],
    ['refunds', refunds],
    ['notices', notices],
    ['metadata', metadata],
  ]
  return steps.map(([step, tell]) => ({ step, sentences: tell(settings).filter((sentence) => sentence !== false) }))
}

const SPENT_FIRST: Readonly<Record<Schemas['ConsumptionOrder'], string>> = {
  EARLIEST_EXPIRY: 'Points with the earliest expiry are spent first, and points that never expire last.',
  EARLIEST_ISSUE: 'Points with the earliest issue day are spent first.',
}

function general(settings: Settings) {
  const { pointsDecimals: decimals, negativeLimit, pointValue } = settings
  return [
    `The name of the points is “${settings.pointsName}”, and each card belongs to one customer.`,
    decimals > 0 &&
      `Points have ${count(decimals, 'decimal')}: 1,234 points in the API are ${pointsWords(1234, decimals)}.`,
    settings.autoEnrol
      ? "A customer's first credit creates the card."
      : 'A customer must be enrolled before the first credit.',
    SPENT_FIRST[settings.consumptionOrder],
    debt(settings.allowNegativeBalance, negativeLimit, decimals),
    pointValue !== null && `In reports, a point is worth ${formatMoney(pointValue, settings.currency)}.`,
  ]
}

function debt(allowed: boolean, limit: number | null, decimals: number): string {
  if (!allowed) return 'A card never owes points.'
  if (limit === null) return 'A card may owe points, without a limit of its own.'
  return `A card may owe at most ${pointsWords(limit, decimals)}.`
}

function code({ code }: Settings) {
  const { charset = 'ALPHANUMERIC', length = 10, pattern, prefix = '', postfix = '' } = code
  const form = `${prefix}${pattern ?? '#'.repeat(length)}${postfix}`
  const characters = charsetLabels[charset]?.toLowerCase() ?? `the characters ${charset}`
  return [`A code has the form ${form}. Each # is a random character: ${characters}.`]
}

const ROUNDED: Readonly<Record<Exclude<Schemas['Rounding'], 'NONE'>, string>> = {
  END_OF_MONTH: 'month',
  END_OF_QUARTER: 'quarter',
  END_OF_HALF_YEAR: 'half year',
  END_OF_YEAR: 'year',
  END_OF_PARTICULAR_MONTH: 'next',
}

function expiration({ expiration }: Settings) {
  const { type = 'NO_EXPIRATION', dates = [], rounding = 'NONE', month } = expiration
  const period = periodOf(expiration)
  switch (type) {
    case 'NO_EXPIRATION':
      return ['Points never expire.']
    case 'ROLLING_EXPIRATION': {
      const particular =
        rounding === 'END_OF_PARTICULAR_MONTH' && (month ? ` ${monthWords(month)}` : ' month that is not set yet')
      return [
        `Points are usable for ${period} from their activation.`,
        rounding !== 'NONE' && `Their last usable day moves to the end of the ${ROUNDED[rounding]}${particular || ''}.`,
      ]
    }
    case 'CALENDAR_EXPIRATION':
      if (dates.length === 0) return ['Points expire on fixed dates that are not set yet.']
      return [`Points are usable until the end of the next ${listed(dates.map(dateOf), 'disjunction')}.`]
    case 'SLIDING_EXPIRATION':
      return [`Points are usable for ${period} after the last activity.`, activities(expiration)]
  }
}

function activities({ resetBy = [], events = [] }: Settings['expiration']): string {
  const names = resetBy.flatMap((activity) => {
    if (activity === 'EARNING') return ['a credit']
    if (activity === 'SPENDING') return ['a debit']
    return events.length > 0 ? events.map((event) => `the event ${event}`) : ['a custom event that is not set yet']
  })
  if (names.length === 0) return 'The activities that start the period again are not set yet.'
  return `The period starts again with ${listed(names, 'disjunction')}.`
}

function pending({ pending }: Settings) {
  const { type = 'IMMEDIATE', dates = [], events = [], cancelAfter } = pending
  switch (type) {
    case 'IMMEDIATE':
      return ['Points are usable at once.']
    case 'PERIOD_BASED':
      return [`Points become usable ${periodOf(pending)} after the credit.`]
    case 'FIXED_DATES':
      if (dates.length === 0) return ['Points become usable on fixed dates that are not set yet.']
      return [`Points become usable at the start of the next ${listed(dates.map(dateOf), 'disjunction')}.`]
    case 'EVENT_BASED':
      return [
        events.length > 0
          ? `Points become usable when the event ${listed(events, 'disjunction')} arrives.`
          : 'Points become usable by a custom event that is not set yet.',
        cancelAfter
          ? `Without an event, points are canceled after ${periodOf(cancelAfter)}.`
          : 'Without an event, points stay pending for ever.',
      ]
  }
}

function periodOf({ every, unit }: { every?: number | null; unit?: Schemas['Unit'] | null }): string {
  return typeof every === 'number' && unit ? periodWords({ every, unit }) : 'a period that is not set yet'
}

function dateOf({ month, day }: { month?: number | null; day?: number | null }): string {
  return month && day ? annualDateWords({ month, day }) : 'day that is not set yet'
}

/** What happens above a limit, by the movement and the setting. */
const ABOVE = {
  credit: {
    CAP: 'a credit above the limit grants only the allowed points',
    REJECT: 'a credit above the limit is refused',
  },
  debit: {
    CAP: 'a debit above the limit takes the allowed points if it allows a part, and is refused otherwise',
    REJECT: 'a debit above the limit is refused',
  },
} as const satisfies Record<string, Record<Schemas['WhenExceeded'], string>>

function earningLimits({ earningLimits, pointsDecimals: decimals, currency }: Settings) {
  const { type = 'NO_LIMIT', max, unit, whenExceeded = 'CAP' } = earningLimits.global ?? {}
  const { maxPoints, minAmount, whenExceeded: above = 'CAP' } = earningLimits.transaction ?? {}
  const points = maximum(max, decimals)
  const whole = {
    NO_LIMIT: false,
    BALANCE_BASED: `A card has at most ${points}`,
    TIME_BASED: `A card earns at most ${points} in a ${calendarPeriod(unit)}`,
  } as const
  return [
    type === 'NO_LIMIT' && !maxPoints && 'The number of earned points has no limit.',
    whole[type] && `${whole[type]}; ${ABOVE.credit[whenExceeded]}.`,
    !!maxPoints && `One credit grants at most ${pointsWords(maxPoints, decimals)}; ${ABOVE.credit[above]}.`,
    !!minAmount && `A credit for an order of less than ${formatMoney(minAmount, currency)} is refused.`,
  ]
}

function spendingLimits({ spendingLimits, transfers, pointsDecimals: decimals }: Settings) {
  const { type = 'NO_LIMIT', max, unit, whenExceeded = 'REJECT' } = spendingLimits.global ?? {}
  const { maxPoints, whenExceeded: above = 'REJECT' } = spendingLimits.transaction ?? {}
  const points = maximum(max, decimals)
  const whole = {
    NO_LIMIT: false,
    SPENDING_BASED: `A card spends at most ${points} in its life`,
    TIME_BASED: `A card spends at most ${points} in a ${calendarPeriod(unit)}`,
  } as const
  return [
    type === 'NO_LIMIT' && !maxPoints && 'Spending has no limit besides the available points.',
    whole[type] && `${whole[type]}; ${ABOVE.debit[whenExceeded]}.`,
    !!maxPoints && `One debit takes at most ${pointsWords(maxPoints, decimals)}; ${ABOVE.debit[above]}.`,
    transfers.allowed
      ? `Customers may transfer points to each other. Transfers ${transfers.countAsSpending ? 'count' : 'do not count'} as spending.`
      : 'Customers cannot transfer points to each other.',
  ]
}

function maximum(max: number | null | undefined, decimals: number): string {
  return max ? pointsWords(max, decimals) : 'a number of points that is not set yet'
}

function calendarPeriod(unit: Schemas['CalendarUnit'] | null | undefined): string {
  return unit ? `calendar ${unit.toLowerCase()}` : 'calendar period that is not set yet'
}

function payWithPoints({ payWithPoints, currency, pointsDecimals }: Settings) {
  const { type = 'NO_PAYMENTS', formula } = payWithPoints
  if (type === 'NO_PAYMENTS') return ['Points do not pay for orders.']
  if (!formula) return ['Points pay for orders by a formula that is not set yet.']
  const smallest = formatMoney(1, currency)
  const rate = Number(formula)
  if (Number.isNaN(rate))
    return [`Points pay for orders. The number of points for ${smallest} follows the formula ${formula}.`]
  const digits = currencyDigits(currency)
  const number = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 10 }).format(
    (rate * 10 ** digits) / 10 ** pointsDecimals,
  )
  return [
    `Points pay for orders: ${number} ${number === '1' ? 'point pays' : 'points pay'} for ${formatMoney(10 ** digits, currency)}. Each payment is rounded up to whole points.`,
  ]
}

const RETURNED: Readonly<Record<Schemas['SpentRefundType'], string>> = {
  NONE: 'A refund returns no spent points.',
  REFUND_ALL: 'Points spent on an order return when the whole order is refunded.',
  REFUND_ITEM: 'A refund returns the share of the refunded items in the points spent on the order.',
  REFUND_AMOUNT: 'A refund returns the share of the refunded amount in the points spent on the order.',
}

const REVOKED: Readonly<Record<Schemas['EarnedRefundType'], string>> = {
  KEEP: 'A refund revokes no earned points.',
  REVOKE_FROM_PENDING: 'A refund revokes points earned by the order only while they are pending.',
  REVOKE_FROM_BALANCE: 'A refund revokes points earned by the order, from pending and active points.',
}

const MISSING: Readonly<Record<Schemas['RevocationMode'], string>> = {
  REVOKE_TO_ZERO: 'If the card has too few points, the missing points are not revoked.',
  REVOKE_BELOW_ZERO: 'If the card has too few points, the missing points become a debt.',
}

const SHARE: Readonly<Record<Schemas['EarnedRefundBase'], string>> = {
  ORDER: "The revoked share is the refunded share of the order's amount.",
  ITEMS: "The revoked share is the refunded share of the order's goods: refunded charges revoke nothing.",
}

function refunds({ refunds }: Settings) {
  const { type: spent = 'REFUND_AMOUNT', expiredLots = 'RENEW', graceDays } = refunds.spent ?? {}
  const { type: earned = 'REVOKE_FROM_BALANCE', mode = 'REVOKE_TO_ZERO', of = 'ORDER' } = refunds.earned ?? {}
  const expired: Readonly<Record<Schemas['ExpiredLots'], string>> = {
    KEEP_EXPIRED: 'stay expired',
    GRACE: `are usable for ${graceDays ? count(graceDays, 'day') : 'a number of days that is not set yet'}`,
    RENEW: 'get new dates, as if credited now',
  }
  return [
    RETURNED[spent],
    spent !== 'NONE' && `Returned points that expired in the meantime ${expired[expiredLots]}.`,
    REVOKED[earned],
    earned === 'REVOKE_FROM_BALANCE' && MISSING[mode],
    earned !== 'KEEP' && SHARE[of],
  ]
}

function notices({ notices }: Settings) {
  const { expiring = [], activating = [] } = notices
  return [
    expiring.length === 0 && activating.length === 0 && 'No notices are sent.',
    expiring.length > 0 &&
      `The event Points Expiring Soon is sent ${listed(expiring.map(periodOf))} before points expire.`,
    activating.length > 0 &&
      `The event Points Activating Soon is sent ${listed(activating.map(periodOf))} before points become active.`,
  ]
}

function metadata({ metadata }: Settings) {
  const entries = Object.entries(metadata)
  if (entries.length === 0) return ['The wallet has no metadata.']
  return entries.map(
    ([name, value]) => `${name}: ${isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value)}`,
  )
}

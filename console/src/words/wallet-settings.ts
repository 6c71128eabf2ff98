/** The words of a wallet's settings: the steps, the label of each setting, and the label of each value. */
import type { components } from '../api/openapi'
import { schemaPath } from '../forms/document'
import { walletStatus } from './en'

type Settings = components['schemas']['WalletCreateRequest']

type Plain<Value> = NonNullable<Value>
/** An object whose keys the caller chooses, such as metadata. */
type IsOpen<Value> = string extends keyof Value ? true : false

/** The path of a setting, as the API's schema writes it: `expiration.dates[].month`. */
type PathIn<Fields> = {
  [Key in keyof Fields & string]-?: Plain<Fields[Key]> extends readonly (infer Item)[]
    ? Key | (Item extends object ? `${Key}[].${PathIn<Item>}` : never)
    : Plain<Fields[Key]> extends object
      ? Key | (IsOpen<Plain<Fields[Key]>> extends true ? never : `${Key}.${PathIn<Plain<Fields[Key]>>}`)
      : Key
}[keyof Fields & string]

/** The path and the values of each setting with a list of values. */
type ChoiceIn<Fields, Before extends string = ''> = {
  [Key in keyof Fields & string]-?: Plain<Fields[Key]> extends readonly (infer Item)[]
    ? ChoiceOf<`${Before}${Key}`, Item, `${Before}${Key}[]`>
    : ChoiceOf<`${Before}${Key}`, Plain<Fields[Key]>, `${Before}${Key}`>
}[keyof Fields & string]

type ChoiceOf<Path extends string, Value, Group extends string> = [Value] extends [string]
  ? string extends Value
    ? never
    : [Path, Value]
  : Value extends object
    ? IsOpen<Value> extends true
      ? never
      : ChoiceIn<Value, `${Group}.`>
    : never

/** The settings that can be chosen: the unit of a payment's amount is always one minor unit. */
export type SettingPath = Exclude<PathIn<Settings>, 'payWithPoints.amountUnit'>
type Choice = ChoiceIn<Settings>
type Words<Value extends string> = Readonly<Record<Value, string>>

/** The steps of the builder, in its order. */
export const stepNames = {
  general: 'General',
  code: 'Code',
  expiration: 'Expiration',
  pending: 'Pending points',
  earningLimits: 'Earning limits',
  spendingLimits: 'Spending limits and transfers',
  payWithPoints: 'Pay with points',
  refunds: 'Refunds',
  notices: 'Notices',
  metadata: 'Metadata',
  summary: 'Summary',
} as const

export type StepName = keyof typeof stepNames

export const settingLabels: Words<SettingPath> = {
  name: 'Name',
  pointsName: 'Name of the points',
  description: 'Description',
  type: 'Owner',
  allowNegativeBalance: 'Negative balance',
  negativeLimit: 'Largest debt',
  consumptionOrder: 'Spend first',
  pointsDecimals: 'Decimals',
  pointValue: 'Value of a point',
  autoEnrol: 'Automatic enrolment',
  code: 'Code',
  'code.charset': 'Characters',
  'code.length': 'Length',
  'code.pattern': 'Pattern',
  'code.prefix': 'Prefix',
  'code.postfix': 'Postfix',
  expiration: 'Expiration',
  'expiration.type': 'Expiration',
  'expiration.every': 'Period',
  'expiration.unit': 'Unit',
  'expiration.rounding': 'Rounding',
  'expiration.month': 'Month',
  'expiration.dates': 'Last usable days',
  'expiration.dates[].month': 'Month',
  'expiration.dates[].day': 'Day',
  'expiration.resetBy': 'Activities',
  'expiration.events': 'Events',
  pending: 'Pending points',
  'pending.type': 'Activation',
  'pending.every': 'Period',
  'pending.unit': 'Unit',
  'pending.dates': 'Activation days',
  'pending.dates[].month': 'Month',
  'pending.dates[].day': 'Day',
  'pending.events': 'Events',
  'pending.cancelAfter': 'Cancel after',
  'pending.cancelAfter.every': 'Period',
  'pending.cancelAfter.unit': 'Unit',
  earningLimits: 'Earning limits',
  'earningLimits.global': 'All credits of a card',
  'earningLimits.global.type': 'Limit',
  'earningLimits.global.unit': 'Calendar period',
  'earningLimits.global.max': 'Maximum points',
  'earningLimits.global.whenExceeded': 'Above the limit',
  'earningLimits.transaction': 'One credit',
  'earningLimits.transaction.maxPoints': 'Maximum points',
  'earningLimits.transaction.minAmount': 'Minimum amount of an order',
  'earningLimits.transaction.whenExceeded': 'Above the limit',
  spendingLimits: 'Spending limits',
  'spendingLimits.global': 'All spending of a card',
  'spendingLimits.global.type': 'Limit',
  'spendingLimits.global.unit': 'Calendar period',
  'spendingLimits.global.max': 'Maximum points',
  'spendingLimits.global.whenExceeded': 'Above the limit',
  'spendingLimits.transaction': 'One debit',
  'spendingLimits.transaction.maxPoints': 'Maximum points',
  'spendingLimits.transaction.whenExceeded': 'Above the limit',
  payWithPoints: 'Pay with points',
  'payWithPoints.type': 'Payments',
  'payWithPoints.formula': 'Points for one minor unit',
  transfers: 'Transfers',
  'transfers.allowed': 'Transfers between customers',
  'transfers.countAsSpending': 'Transfers count as spending',
  refunds: 'Refunds',
  'refunds.spent': 'Points spent on the order',
  'refunds.spent.type': 'Returned points',
  'refunds.spent.expiredLots': 'Returned points that expired',
  'refunds.spent.graceDays': 'Days of grace',
  'refunds.earned': 'Points earned by the order',
  'refunds.earned.type': 'Revoked points',
  'refunds.earned.mode': 'Missing points',
  'refunds.earned.of': 'Revoked share',
  notices: 'Notices',
  'notices.expiring': 'Notices before points expire',
  'notices.expiring[].every': 'Period',
  'notices.expiring[].unit': 'Unit',
  'notices.activating': 'Notices before points become active',
  'notices.activating[].every': 'Period',
  'notices.activating[].unit': 'Unit',
  metadata: 'Metadata',
  addToSchema: 'Add unknown properties to the schema',
  status: 'Status',
}

const units = { MINUTE: 'Minutes', HOUR: 'Hours', DAY: 'Days', WEEK: 'Weeks', MONTH: 'Months', YEAR: 'Years' } as const
const calendarUnits = { DAY: 'Day', WEEK: 'Week', MONTH: 'Month', QUARTER: 'Quarter', YEAR: 'Year' } as const

/** The label of each value, by the setting's path. */
export const valueLabels: { readonly [One in Choice as One[0]]: Words<One[1]> } = {
  type: { INDIVIDUAL: 'One customer for each card' },
  status: walletStatus,
  consumptionOrder: {
    EARLIEST_EXPIRY: 'Points with the earliest expiry',
    EARLIEST_ISSUE: 'Points with the earliest issue day',
  },
  'expiration.type': {
    NO_EXPIRATION: 'Never',
    ROLLING_EXPIRATION: 'After a period',
    CALENDAR_EXPIRATION: 'On fixed dates of each year',
    SLIDING_EXPIRATION: 'After a period without activity',
  },
  'expiration.unit': units,
  'expiration.rounding': {
    NONE: 'No rounding',
    END_OF_MONTH: 'To the end of the month',
    END_OF_QUARTER: 'To the end of the quarter',
    END_OF_HALF_YEAR: 'To the end of the half year',
    END_OF_YEAR: 'To the end of the year',
    END_OF_PARTICULAR_MONTH: 'To the end of a particular month',
  },
  'expiration.resetBy': { EARNING: 'Earning points', SPENDING: 'Spending points', CUSTOM_EVENT: 'A custom event' },
  'pending.type': {
    IMMEDIATE: 'At once',
    PERIOD_BASED: 'After a period',
    FIXED_DATES: 'On fixed dates of each year',
    EVENT_BASED: 'When a custom event arrives',
  },
  'pending.unit': units,
  'pending.cancelAfter.unit': units,
  'earningLimits.global.type': {
    NO_LIMIT: 'No limit',
    BALANCE_BASED: 'On the balance',
    TIME_BASED: 'In a calendar period',
  },
  'earningLimits.global.unit': calendarUnits,
  'earningLimits.global.whenExceeded': { CAP: 'Grant the allowed points', REJECT: 'Refuse the credit' },
  'earningLimits.transaction.whenExceeded': { CAP: 'Grant the allowed points', REJECT: 'Refuse the credit' },
  'spendingLimits.global.type': {
    NO_LIMIT: 'No limit',
    SPENDING_BASED: 'Over the life of the card',
    TIME_BASED: 'In a calendar period',
  },
  'spendingLimits.global.unit': calendarUnits,
  'spendingLimits.global.whenExceeded': {
    CAP: 'Take the allowed points, if the debit allows a part',
    REJECT: 'Refuse the debit',
  },
  'spendingLimits.transaction.whenExceeded': {
    CAP: 'Take the allowed points, if the debit allows a part',
    REJECT: 'Refuse the debit',
  },
  'payWithPoints.type': { NO_PAYMENTS: 'Not possible', EXCHANGE_RATIO: 'By an exchange ratio' },
  'refunds.spent.type': {
    NONE: 'No points',
    REFUND_ALL: 'All points, with the whole order',
    REFUND_ITEM: 'The share of the refunded items',
    REFUND_AMOUNT: 'The share of the refunded amount',
  },
  'refunds.spent.expiredLots': {
    KEEP_EXPIRED: 'They stay expired',
    GRACE: 'They are usable for some days',
    RENEW: 'They get new dates, as if credited now',
  },
  'refunds.earned.type': {
    KEEP: 'No points',
    REVOKE_FROM_PENDING: 'Pending points only',
    REVOKE_FROM_BALANCE: 'Pending and active points',
  },
  'refunds.earned.mode': {
    REVOKE_TO_ZERO: 'Revoke at most the points on the card',
    REVOKE_BELOW_ZERO: 'Make the rest a debt',
  },
  'refunds.earned.of': { ORDER: "The share of the order's amount", ITEMS: 'The share of the goods, without charges' },
  'notices.expiring[].unit': units,
  'notices.activating[].unit': units,
}

export const charsetLabels: Readonly<Record<string, string>> = {
  NUMERIC: 'Digits',
  ALPHABETIC: 'Letters',
  ALPHABETIC_LOWER: 'Lower-case letters',
  ALPHABETIC_UPPER: 'Upper-case letters',
  ALPHANUMERIC: 'Letters and digits',
  ALPHANUMERIC_LOWER: 'Lower-case letters and digits',
  ALPHANUMERIC_UPPER: 'Upper-case letters and digits',
  UNAMBIGUOUS: 'Characters that cannot be confused',
}

const entryLabels: Readonly<Record<string, string>> = {
  'expiration.dates': 'Last usable day',
  'pending.dates': 'Activation day',
  'notices.expiring': 'Notice before points expire',
  'notices.activating': 'Notice before points become active',
}

/** The label of a setting by its path, or of a list's entry: `expiration.dates[1]` is "Last usable day 2". */
export function labelOf(path: string): string {
  const [, list = '', place] = /^(.*)\[(\d+)\]$/.exec(path) ?? []
  const entry = entryLabels[list]
  if (entry !== undefined) return `${entry} ${Number(place) + 1}`
  return (settingLabels as Readonly<Record<string, string>>)[schemaPath(path)] ?? path
}

/** The labels of the groups and of the setting: "Earning limits, One credit, Maximum points". A label has no group in front that it repeats. */
export function fullLabelOf(path: string): string {
  const parts = path.split('.')
  const labels = parts.map((_, end) => labelOf(parts.slice(0, end + 1).join('.')))
  return labels.filter((label, place) => !labels[place + 1]?.startsWith(label)).join(', ')
}

/** The label of a setting's value; the value itself if it is not one of a list. */
export function valueLabelOf(path: string, value: unknown): string {
  const known = schemaPath(path)
  const labels = (valueLabels as Readonly<Record<string, Readonly<Record<string, string>>>>)[known]
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return labels?.[text] ?? (known === 'code.charset' ? charsetLabels[text] : undefined) ?? text
}

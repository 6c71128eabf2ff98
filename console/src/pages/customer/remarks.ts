import type { Transaction } from '../../api/transactions'
import { count, formatMoney, formatPoints } from '../../format'
import { limitInWords, tierCause, wordsOf } from '../../words/en'

/** What a row of the timeline says beside its amounts: the caller's words first, then what the transaction recorded. */
export function remarksOn(
  row: Transaction,
  { decimals, currency, campaignName }: { decimals: number; currency: string; campaignName: (id: string) => string },
): string[] {
  const points = (number: number) => formatPoints(number, decimals)
  const remarks: (string | null | false)[] = [
    row.pointsDescription,
    row.reason,
    row.event && `Event ${row.event}`,
    row.notice && `Notice ${periodOf(row.notice)} ahead of the date`,
    row.tierChange && tierRemark(row.tierChange),
    row.campaignId && `Campaign ${campaignName(row.campaignId)}`,
    row.requested !== null &&
      `${points(row.requested)} requested, limited by ${limitInWords(row.cappedBy ?? 'balance')}`,
    row.payment && `${formatMoney(row.payment.amount, currency)} paid with points`,
    row.refund && refundRemark(row.refund, points, currency),
  ]
  return remarks.filter((remark): remark is string => Boolean(remark))
}

/** `30 DAY` becomes "30 days". */
function periodOf(notice: string): string {
  const [number = '', unit = ''] = notice.split(' ')
  return count(Number(number), unit.toLowerCase())
}

function tierRemark({ from, to, cause }: NonNullable<Transaction['tierChange']>): string {
  const change = from === to ? `Tier ${to ?? 'none'}` : `Tier ${to ?? 'none'}, before ${from ?? 'none'}`
  return `${change}. ${tierCause[cause]}`
}

type RefundDetails = NonNullable<Transaction['refund']>

function refundRemark(refund: RefundDetails, points: (number: number) => string, currency: string): string {
  const parts = [`${wordsOf(refund.type)} refund`]
  if (refund.moneyAmount !== null) parts.push(`${formatMoney(refund.moneyAmount, currency)} to pay back`)
  if (refund.shortfall > 0) parts.push(`${points(refund.shortfall)} points could not be taken back`)
  if (refund.keptExpired > 0) parts.push(`${points(refund.keptExpired)} returned points stay expired`)
  return parts.join(', ')
}

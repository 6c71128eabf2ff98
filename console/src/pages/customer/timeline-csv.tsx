import type { Transaction } from '../../api/transactions'
import type { Wallet } from '../../api/wallets'
import { pointsCell } from '../../csv'
import { dateOf, formatTime } from '../../format'
import { DownloadCsv } from '../../parts/download-csv'
import { useSession } from '../../session/session'
import { operation, source, transactionType } from '../../words/en'

interface TimelineCsvProps {
  customerId: string
  wallet: Wallet
  /** The transactions that the timeline shows. */
  rows: readonly Transaction[]
}

export function TimelineCsv({ customerId, wallet, rows }: TimelineCsvProps) {
  const zone = useSession().project.timeZone
  const points = (number: number) => pointsCell(number, wallet.pointsDecimals)
  return (
    <DownloadCsv
      name={`transactions ${customerId} ${wallet.name}`}
      header={[
        'No.',
        `Recorded (${zone})`,
        'What happened',
        'Operation',
        'Source',
        'Active',
        'Pending',
        'Held',
        'Available after',
        'Description',
        'Reason',
        'Order',
        'By',
        'Transaction',
      ]}
      rows={rows.map((row) => [
        row.seq,
        `${dateOf(row.createdAt, zone)} ${formatTime(row.createdAt, zone)}`,
        transactionType[row.type],
        operation[row.operation],
        source[row.source],
        points(row.deltas.active),
        points(row.deltas.pending),
        points(row.deltas.held),
        points(row.balanceAfter.available),
        row.pointsDescription ?? '',
        row.reason ?? '',
        row.orderId ?? '',
        row.actor ?? 'System',
        row.transactionId,
      ])}
    />
  )
}

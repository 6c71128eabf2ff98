import { BarChart } from '@cloudscape-design/components'
import type { Wallet } from '../../api/wallets'
import { formatPoints } from '../../format'
import type { ExpiryMonth } from './expiry'
import { monthName } from './points-by-month'

interface Props {
  months: ExpiryMonth[]
  wallet: Wallet
  sliding: boolean
}

const KINDS = ['active', 'pending', 'held'] as const
const HEIGHT = 180

/** Loaded apart, because charts are on few pages. */
export default function ExpiryChart({ months, wallet, sliding }: Props) {
  const points = (number: number) => formatPoints(number, wallet.pointsDecimals)
  const titles = { active: sliding ? 'Active, moved by activity' : 'Active', pending: 'Pending', held: 'Held' }
  const shown = KINDS.filter((kind) => months.some((month) => month[kind] > 0))
  return (
    <BarChart
      stackedBars
      hideFilter
      height={HEIGHT}
      ariaLabel="Points by last usable day"
      xScaleType="categorical"
      xTitle="Month of the last usable day"
      yTitle={wallet.pointsName}
      xDomain={months.map(({ month }) => monthName(month))}
      yDomain={[0, Math.max(...months.map(({ active, pending, held }) => active + pending + held))]}
      series={shown.map((kind) => ({
        type: 'bar',
        title: titles[kind],
        data: months.map((month) => ({ x: monthName(month.month), y: month[kind] })),
        valueFormatter: points,
      }))}
      i18nStrings={{ yTickFormatter: points }}
    />
  )
}

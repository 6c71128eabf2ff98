import type { Transaction } from '../../api/transactions'
import { formatChange } from '../../format'

const BUCKETS = ['active', 'pending', 'held'] as const

/** The change of each kind of points, with its sign and name: +200 active, −200 held. */
export function Changes({ deltas, decimals }: { deltas: Transaction['deltas']; decimals: number }) {
  const changed = BUCKETS.filter((bucket) => deltas[bucket] !== 0)
  if (changed.length === 0) return <>–</>
  return (
    <>
      {changed.map((bucket) => (
        <div key={bucket} className="numbers">
          {formatChange(deltas[bucket], decimals)} {bucket}
        </div>
      ))}
    </>
  )
}

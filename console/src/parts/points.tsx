import { formatPoints } from '../format'

/** A number of points in the decimals of its wallet, with digits of one width. */
export function Points({ points, decimals }: { points: number; decimals: number }) {
  return <span className="numbers">{formatPoints(points, decimals)}</span>
}

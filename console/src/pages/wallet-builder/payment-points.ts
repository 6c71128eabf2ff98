/** The points that pay for the amount in minor units, rounded up; the rate is a decimal as text, so that nothing is lost. */
export function pointsForAmount(amount: number, rate: string): bigint {
  const [whole = '0', fraction = ''] = rate.split('.')
  const scale = 10n ** BigInt(fraction.length)
  const scaled = BigInt(amount) * BigInt(whole + fraction)
  return scaled > 0n ? (scaled + scale - 1n) / scale : scaled / scale
}

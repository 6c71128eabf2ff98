import { formatUntil, formatUtc } from '../format'
import { useSession } from '../session/session'

/** Until when points can be used: their last usable day in the project's zone. The hint is the instant in UTC. */
export function Until({ at }: { at: string }) {
  const zone = useSession().project.timeZone
  return (
    <time dateTime={at} title={formatUtc(at)}>
      until {formatUntil(at, zone)}
    </time>
  )
}

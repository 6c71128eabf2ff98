import { formatDay, formatInstant, formatUtc } from '../format'
import { useSession } from '../session/session'

/** An instant in the project's zone; the hint is the same in UTC. */
export function Moment({ at, day = false }: { at: string; day?: boolean }) {
  const zone = useSession().project.timeZone
  return (
    <time dateTime={at} title={formatUtc(at)}>
      {day ? formatDay(at, zone) : formatInstant(at, zone)}
    </time>
  )
}

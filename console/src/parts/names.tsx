import { useCampaignNames, useKeyNames } from '../api/names'
import { shortId } from '../format'
import { useSession } from '../session/session'

/** Who made a transaction: the name of the key if it is known, else its shortened id. The product itself has no id. */
export function Actor({ id }: { id: string | null }) {
  const { actor, name, may } = useSession()
  const names = useKeyNames(may('keys:admin'))
  if (id === null) return <>System</>
  return <span title={id}>{(id === actor ? name : names.get(id)) ?? shortId(id)}</span>
}

/** The name of a campaign if it is known, else its id. */
export function useCampaignName(): (campaignId: string) => string {
  const names = useCampaignNames(useSession().may('campaigns:read'))
  return (campaignId) => names.get(campaignId) ?? campaignId
}

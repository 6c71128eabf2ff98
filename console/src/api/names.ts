import { useQuery } from '@tanstack/react-query'
import { client, dataOf } from './client'

type Names = ReadonlyMap<string, string>

const PAGE = 100
const PAGES_MAX = 5
const STALE_AFTER_MS = 300_000
const NONE: Names = new Map()

interface Page<Entry> {
  data: Entry[]
  nextCursor: string | null
}

/** The names by id, from the first pages of a list. Ids that are not in them have no name. */
async function namesOf<Entry extends { name: string }>(
  readPage: (query: { limit: number; cursor: string | undefined }) => Promise<Page<Entry>>,
  idOf: (entry: Entry) => string,
): Promise<Names> {
  const names = new Map<string, string>()
  let cursor: string | undefined
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const page = await readPage({ limit: PAGE, cursor })
    for (const entry of page.data) names.set(idOf(entry), entry.name)
    if (page.nextCursor === null) break
    cursor = page.nextCursor
  }
  return names
}

/** The names of API keys, which are the actors of transactions. Without the right to read them, there are none. */
export function useKeyNames(readable: boolean): Names {
  const names = useQuery({
    queryKey: ['names', 'keys'],
    queryFn: () =>
      namesOf(
        (query) => dataOf(client.GET('/v1/keys', { params: { query } })),
        ({ keyId }) => keyId,
      ),
    enabled: readable,
    staleTime: STALE_AFTER_MS,
  })
  return names.data ?? NONE
}

/** The names of campaigns. Without the right to read them, there are none. */
export function useCampaignNames(readable: boolean): Names {
  const names = useQuery({
    queryKey: ['names', 'campaigns'],
    queryFn: () =>
      namesOf(
        (query) => dataOf(client.GET('/v1/campaigns', { params: { query } })),
        ({ campaignId }) => campaignId,
      ),
    enabled: readable,
    staleTime: STALE_AFTER_MS,
  })
  return names.data ?? NONE
}

/** The names of rewards. Without the right to read them, there are none. */
export function useRewardNames(readable: boolean): Names {
  const names = useQuery({
    queryKey: ['names', 'rewards'],
    queryFn: () =>
      namesOf(
        (query) => dataOf(client.GET('/v1/rewards', { params: { query } })),
        ({ rewardId }) => rewardId,
      ),
    enabled: readable,
    staleTime: STALE_AFTER_MS,
  })
  return names.data ?? NONE
}

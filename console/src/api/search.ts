import { useQuery } from '@tanstack/react-query'
import { client, dataOf } from './client'
import type { components } from './openapi'

export type SearchResult = components['schemas']['SearchResult']

/** Everything that the text identifies exactly. */
export function useSearch(text: string) {
  return useQuery({
    queryKey: ['search', text],
    queryFn: async () => (await dataOf(client.GET('/v1/search', { params: { query: { q: text } } }))).data,
    // A search follows the reader's wish to look now.
    staleTime: 0,
    gcTime: 0,
  })
}

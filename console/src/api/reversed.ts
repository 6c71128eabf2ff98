import { skipToken, useQuery, useQueryClient } from '@tanstack/react-query'

const REVERSED = ['reversed transactions'] as const
const NONE: readonly string[] = []

/** The transactions that this tab reversed, or whose reversal was refused because they are reversed already. */
export function useReversed(): readonly string[] {
  const reversed = useQuery<readonly string[]>({ queryKey: REVERSED, queryFn: skipToken, gcTime: Infinity })
  return reversed.data ?? NONE
}

export function useNoteReversed(): (transactionId: string) => void {
  const queries = useQueryClient()
  return (transactionId) =>
    queries.setQueryData<readonly string[]>(REVERSED, (others = []) => [...others, transactionId])
}
